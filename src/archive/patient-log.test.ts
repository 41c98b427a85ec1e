import { expect, it } from 'vitest';
import { VirtualClock } from '../base/clock.ts';
import type { LogItem } from '../recording/log/reader.ts';
import { failure } from '../recording/log/memory-files.ts';
import { PatientLog } from './patient-log.ts';
import type { CallLog } from './types.ts';

const record = (sequence: number): LogItem => ({
  kind: 'packets',
  epoch: 0,
  sequence,
  baseUs: 0,
  body: Buffer.alloc(0),
});

function logs() {
  const state = { isBad: true, past: 0 };
  const strict: CallLog = {
    async *readCall() {
      yield record(1);
      if (state.isBad) throw failure('EIO');
      yield record(2);
    },
  };
  const past: CallLog = {
    async *readCall() {
      state.past += 1;
      yield record(1);
    },
  };
  const clock = new VirtualClock();
  const log = new PatientLog(strict, past, clock);
  const read = async (callId = 'a') => (await Array.fromAsync(log.readCall({ callId }))).length;
  return { state, clock, read };
}

it('asks for a call again before what is missing counts as lost', async () => {
  const { state, clock, read } = logs();
  for (let attempt = 0; attempt < 20; attempt++) {
    await expect(read()).rejects.toMatchObject({ code: 'EIO' });
    clock.advance(10_000);
  }
  expect(state.past).toBe(0);
  clock.advance(100_000);
  // More than once: a recording takes several readings.
  expect(await read()).toBe(1);
  expect(await read()).toBe(1);
  expect(state.past).toBe(2);
  // Another call has its own time.
  await expect(read('b')).rejects.toMatchObject({ code: 'EIO' });
});

it('has what was away for a while whole', async () => {
  const { state, clock, read } = logs();
  for (let attempt = 0; attempt < 5; attempt++) await expect(read()).rejects.toMatchObject({ code: 'EIO' });
  state.isBad = false;
  expect(await read()).toBe(2);
  // The next time is the first again.
  state.isBad = true;
  clock.advance(1_000_000);
  await expect(read()).rejects.toMatchObject({ code: 'EIO' });
  expect(state.past).toBe(0);
});
