import type { SampleRate } from 'libopus-wasm';
import { describe, expect, it } from 'vitest';
import { OpusEncoder } from './opus-encoder.ts';
import type { OpusForm } from './opus-worker.ts';

const FORM: OpusForm = { rate: 8000, channels: 2, frameSamples: 160, packetBytes: 60 };

describe('the encoder in its thread', () => {
  it('gives packets of one size together', async () => {
    const encoder = new OpusEncoder(FORM);
    const packets = await encoder.encode(new Int16Array(3 * 320));
    expect(packets.length).toBe(3);
    expect(Buffer.concat(packets).length).toBe(180);
    encoder.close();
    encoder.close();
    await expect(encoder.encode(new Int16Array(320))).rejects.toThrow('ended');
  });

  it('tells of a form that it does not know, and serves others', async () => {
    const wrong = new OpusEncoder({ ...FORM, rate: 11_025 as SampleRate });
    const right = new OpusEncoder(FORM);
    await expect(wrong.encode(new Int16Array(320))).rejects.toThrow(/sample ?rate/i);
    await expect(wrong.encode(new Int16Array(320))).rejects.toThrow('ended');
    expect((await right.encode(new Int16Array(320)))[0]!.length).toBe(60);
    wrong.close();
    right.close();
  });

  it('tells who waits that it was closed', async () => {
    const encoder = new OpusEncoder(FORM);
    const waiting = encoder.encode(new Int16Array(320));
    encoder.close();
    await expect(waiting).rejects.toThrow('ended');
  });
});
