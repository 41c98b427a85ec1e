import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { opaqueId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import { Catalogue, MAIN_ACCOUNT } from './catalogue.ts';
import { startEmbedded, type EmbeddedServer } from './embedded/server.ts';
import type { CallInput, OwnerInput, PartyInput, RecordingInput } from './types.ts';

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
  const role = position === 0 ? 'caller' : 'callee';
  return { position, name, number, aor: null, role, channel: position, userId: null, userName: null };
}

/** Nobody's. */
export const NO_OWNER: OwnerInput = { kind: null, userId: null, name: null, groupId: null };

/** A whole made-up call of Alice and Bob that was not recorded, with what the test wants otherwise. */
export function callInput(change: Partial<CallInput> = {}): CallInput {
  const id = change.id ?? opaqueId();
  const startedAt = change.startedAt ?? new Date('2026-03-01T09:00:00.000Z');
  const facts = { trunk: 'default', parties: [], direction: 'IN', vendorIds: {} };
  const decision = { verdict: 'ignore', accountId: MAIN_ACCOUNT, settingsVersion: 1, layers: [] };
  return {
    id,
    accountId: MAIN_ACCOUNT,
    conversationId: id,
    nodeId: 'node-1',
    protocol: 'siprec',
    trunk: 'default',
    startedAt,
    endedAt: new Date(startedAt.getTime() + 10_000),
    endReason: 'bye',
    direction: 'IN',
    verdict: 'ignore',
    reason: 'Nothing asks for it.',
    owner: NO_OWNER,
    vendorIds: {},
    parties: [party(0, 'Alice', '+15550100'), party(1, 'Bob', '+15550101')].map(
      ({ position: _position, channel: _channel, ...one }) => one,
    ),
    history: [{ at: startedAt.getTime(), mono: 0, facts, decision }],
    events: [{ at: startedAt, type: 'party-joined', text: 'Alice' }],
    ...change,
  };
}

let lastRecordId = 1_000_000;

/** A whole made-up recording of Alice and Bob, with what the test wants otherwise. */
export function recordingInput(change: Partial<RecordingInput> = {}): RecordingInput {
  const id = change.id ?? opaqueId();
  const callId = change.callId ?? opaqueId();
  const startedAt = change.startedAt ?? new Date('2026-03-01T09:00:00.000Z');
  const durationMs = change.durationMs ?? 10_000;
  const endedAt = new Date(startedAt.getTime() + durationMs);
  const parties = change.parties ?? [party(0, 'Alice', '+15550100'), party(1, 'Bob', '+15550101')];
  const { accountId = MAIN_ACCOUNT, conversationId = callId, trunk = 'default', direction = 'IN' } = change;
  const { owner = NO_OWNER, vendorIds = {}, endReason = 'bye' } = change;
  const ofCall = { accountId, conversationId, trunk, direction, startedAt, endedAt, owner, vendorIds, endReason };
  const speakers = parties.map(({ position: _position, channel: _channel, ...one }) => one);
  return {
    id,
    ...ofCall,
    recordId: ++lastRecordId,
    callId,
    nodeId: 'node-1',
    protocol: 'siprec',
    durationMs,
    container: 'wav',
    codec: 'PCMU',
    channels: 2,
    objectKey: `objects/${id}.1.wav.age`,
    objectBytes: 160_044,
    manifestKey: `manifests/${id}.json`,
    manifestSha256: '0'.repeat(64),
    retainUntil: null,
    warnings: [],
    parties,
    tracks: [track(0), track(1)],
    events: [{ at: startedAt, offsetMs: 0, type: 'party-joined', text: 'Alice' }],
    recording: 1,
    by: 'policy',
    asker: null,
    askerUserId: null,
    pauses: [],
    deliveries: [],
    call: callInput({ id: callId, ...ofCall, parties: speakers, verdict: 'record' }),
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
