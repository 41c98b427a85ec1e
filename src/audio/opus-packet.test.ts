import { Application, createDecoder, createEncoder } from 'libopus-wasm';
import { expect, it } from 'vitest';
import { padOpusPacket } from './opus-packet.ts';
import { tones } from './testing.ts';

it('pads a packet to any size up to 256 bytes more, and it decodes to the same', async () => {
  const encoder = await createEncoder({
    sampleRate: 8000,
    channels: 2,
    bitrate: 24_000,
    application: Application.Voip,
  });
  const pcm = await tones(0.02).readPcm(0, 160);
  const packet = encoder.encode(pcm);
  const decode = async (bytes: Uint8Array) => (await createDecoder({ sampleRate: 8000 })).decode(bytes);
  for (const missing of [0, 1, 2, 3, 100, 255, 256]) {
    const padded = padOpusPacket(packet, packet.length + missing);
    expect(padded.length).toBe(packet.length + missing);
    expect(await decode(padded)).toEqual(await decode(packet));
  }
  expect(() => padOpusPacket(packet, packet.length - 1)).toThrow(RangeError);
  expect(() => padOpusPacket(packet, packet.length + 257)).toThrow(RangeError);
  expect(() => padOpusPacket(padOpusPacket(packet, packet.length + 2), packet.length + 4)).toThrow(RangeError);
});
