import { expect } from 'vitest';

/** Byte of silence, by law. */
export const SILENCE = { mulaw: 0xff, alaw: 0xd5 } as const;

const PACKET = 160;

/**
 * The channel holds these packets of the payload at their exact places and silence everywhere else.
 * @param width bytes a sample
 * @returns where the first packet lies, samples
 */
export function expectPackets(
  channel: Buffer,
  payload: Buffer,
  arrived: ReadonlySet<number>,
  { silence, width = 1 }: { readonly silence: number; readonly width?: number },
): number {
  const size = PACKET * width;
  const at = channel.indexOf(payload.subarray(0, size));
  expect(at, 'the first packet is in the recording').toBeGreaterThanOrEqual(0);
  const expected = Buffer.alloc(channel.length, silence);
  for (const index of arrived) payload.copy(expected, at + index * size, index * size, (index + 1) * size);
  const whole = channel.equals(expected);
  const wrong = whole ? [] : wrongPackets(channel.subarray(at), expected.subarray(at), size);
  expect(wrong, 'packets that are not what was sent, counted from the first').toEqual([]);
  expect(whole, 'silence before the first packet').toBe(true);
  const last = Math.max(...arrived);
  expect(channel.length, 'the whole of it is there').toBeGreaterThanOrEqual(at + (last + 1) * size);
  return at / width;
}

/** The whole payload without a hole. */
export function expectWhole(channel: Buffer, payload: Buffer, form: { silence: number; width?: number }): number {
  const packets = payload.length / PACKET / (form.width ?? 1);
  return expectPackets(channel, payload, new Set(Array.from({ length: packets }, (_, index) => index)), form);
}

function wrongPackets(channel: Buffer, expected: Buffer, size: number): number[] {
  const indexes = Array.from({ length: Math.ceil(channel.length / size) }, (_, index) => index);
  const packet = (bytes: Buffer, index: number) => bytes.subarray(index * size, (index + 1) * size);
  return indexes.filter((index) => !packet(channel, index).equals(packet(expected, index)));
}
