import { VirtualClock } from '../../src/base/clock.ts';
import { opaqueId } from '../../src/base/ids.ts';
import { silentLog } from '../../src/base/log.ts';
import { MemoryFiles } from '../../src/recording/log/memory-files.ts';
import { LogReader } from '../../src/recording/log/reader.ts';
import { SegmentWriter } from '../../src/recording/log/writer.ts';
import { generateSpoolKeyPair, spoolIdentity, spoolRecipient } from '../../src/seal/spool.ts';
import { seededNumbers } from '../e2e/noise.ts';
import type { Finding } from './finding.ts';

const SECONDS = 20;
const SYNC_MS = 200;

/** Cuts the power again and again: of a file layer that keeps only what was synced, nothing older than a second may be missing. */
export async function powerCuts(times: number): Promise<Finding> {
  let worst = 0;
  let wrong = 0;
  for (let time = 0; time < times; time++) {
    const { lostMs, isWrong } = await cutOnce(time);
    worst = Math.max(worst, lostMs);
    if (isWrong) wrong++;
  }
  return {
    fault: `power cut at any moment, ${times} times (what was not synced is gone; an fdatasync takes ${SYNC_MS} ms)`,
    target: 'nothing older than 1 s is lost, nothing wrong',
    found: `at most ${Math.round(worst)} ms lost, ${wrong} wrong`,
    isMet: worst <= 1000 && wrong === 0,
  };
}

async function cutOnce(seed: number): Promise<{ lostMs: number; isWrong: boolean }> {
  const random = seededNumbers(seed);
  const clock = new VirtualClock();
  const files = new MemoryFiles();
  files.before = (call) =>
    call === 'datasync' ? new Promise((resolve) => clock.after(SYNC_MS * random(), resolve)) : undefined;
  const keys = generateSpoolKeyPair();
  const recipient = spoolRecipient(keys.publicKey);
  const base = { folder: '/audio', files, recipient, node: 'faults', worker: 0, clock, log: silentLog };
  const writer = new SegmentWriter({ ...base, onAlarm: () => undefined, limits: { segmentMs: 3000 } });
  const track = writer.track(opaqueId(), 0);
  const cutAt = (0.1 + 0.9 * random()) * SECONDS * 1000;
  const made = new Map<number, number>();
  let oldest = clock.mono();
  while (clock.mono() < cutAt) {
    clock.advance(50);
    // As the capture does: what gathered since is sealed every 350 ms.
    if (clock.mono() - oldest >= 350) {
      writer.append(track, 'packets', clock.mono() * 1000, oldest, Buffer.from(`record ${track.sequence + 1}`));
      made.set(track.sequence, oldest);
      oldest = clock.mono();
    }
    writer.tick();
    for (let turn = 0; turn < 30; turn++) await Promise.resolve();
  }
  const left = new LogReader({
    folder: '/audio',
    identity: spoolIdentity(keys.privateKey),
    files: files.afterPowerCut(),
  });
  let isWrong = false;
  for await (const item of left.readCall({ callId: track.callId })) {
    if (item.kind === 'gap') continue;
    made.delete(item.sequence);
    isWrong ||= item.body.toString() !== `record ${item.sequence}`;
  }
  const lost = Math.min(clock.mono(), ...made.values());
  return { lostMs: clock.mono() - lost, isWrong };
}
