import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { opaqueId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import { Catalogue, MAIN_ACCOUNT } from './catalogue.ts';
import { startEmbedded, type EmbeddedServer } from './embedded/server.ts';
import type { PartyInput, RecordingInput } from './types.ts';

/** A catalogue for tests on a real embedded server of its own. */
export interface TestCatalogue {
  readonly dataDir: string;
  readonly server: EmbeddedServer;
  readonly catalogue: Catalogue;
  close(): Promise<void>;
}

/** Starts one (about a second); one per test file, closed in `afterAll`. */
export async function openTestCatalogue(): Promise<TestCatalogue> {
  const dataDir = mkdtempSync('/tmp/earshot-catalogue-');
  const server = await startEmbedded({ dataDir, log: silentLog });
  const catalogue = await Catalogue.open({ target: server.target, log: silentLog });
  return {
    dataDir,
    server,
    catalogue,
    async close() {
      await catalogue.close();
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
      rmSync(join(server.target.folder), { recursive: true, force: true });
    },
  };
}

/** The same around one piece of work. */
export async function withCatalogue<T>(work: (test: TestCatalogue) => Promise<T>): Promise<T> {
  const test = await openTestCatalogue();
  try {
    return await work(test);
  } finally {
    await test.close();
  }
}

/** A party for a made-up recording. */
export function party(position: number, name: string | null, number: string | null): PartyInput {
  return { position, name, number, aor: null, role: position === 0 ? 'caller' : 'callee', channel: position };
}

let lastRecordId = 1_000_000;

/** A whole made-up recording of Alice and Bob, with what the test wants otherwise. */
export function recordingInput(change: Partial<RecordingInput> = {}): RecordingInput {
  const id = change.id ?? opaqueId();
  const callId = change.callId ?? opaqueId();
  const startedAt = change.startedAt ?? new Date('2026-03-01T09:00:00.000Z');
  const durationMs = change.durationMs ?? 10_000;
  return {
    id,
    recordId: ++lastRecordId,
    callId,
    accountId: MAIN_ACCOUNT,
    nodeId: 'node-1',
    direction: 'IN',
    protocol: 'siprec',
    trunk: 'default',
    startedAt,
    endedAt: new Date(startedAt.getTime() + durationMs),
    durationMs,
    endReason: 'bye',
    container: 'wav',
    codec: 'PCMU',
    channels: 2,
    objectKey: `objects/${id}.1.wav.age`,
    objectBytes: 160_044,
    manifestKey: `manifests/${id}.json`,
    manifestSha256: '0'.repeat(64),
    retainUntil: null,
    warnings: [],
    vendorIds: {},
    parties: [party(0, 'Alice', '+15550100'), party(1, 'Bob', '+15550101')],
    tracks: [track(0), track(1)],
    events: [{ at: startedAt, offsetMs: 0, type: 'party-joined', text: 'Alice' }],
    conversationId: callId,
    ...change,
  };
}

function track(channel: number): RecordingInput['tracks'][number] {
  return {
    channel,
    label: String(channel + 1),
    codec: 'PCMU',
    packets: 500,
    lost: 0,
    duplicates: 0,
    reordered: 0,
    silentMs: 0,
    detail: { gaps: [] },
  };
}
