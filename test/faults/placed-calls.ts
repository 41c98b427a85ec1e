import type { RecordingDetail } from '../../src/api/recordings/schema.ts';
import { findHoles } from '../e2e/holes.ts';
import { noise } from '../e2e/noise.ts';
import type { RecordingClient } from '../e2e/recording-client.ts';
import type { TestServer } from '../e2e/server.ts';
import { Shelf } from '../e2e/shelf.ts';
import { readWavFile } from '../e2e/wav-file.ts';

export interface PlacedCall {
  readonly sipCallId: string;
  readonly payloads: readonly [Buffer, Buffer];
}

/** A call at real pace with its own noise on either side. Rejects when it is not taken. */
export async function placeNoise(client: RecordingClient, seed: number, packets: number): Promise<PlacedCall> {
  const payloads = [noise(seed * 2, packets), noise(seed * 2 + 1, packets)] as const;
  const party = (name: string) => ({ name: `${name} ${seed}`, aor: `sip:${name}${seed}@example.com` });
  const report = await client.place([
    { party: party('caller'), payloadType: 0, audio: payloads[0] },
    { party: party('callee'), payloadType: 0, audio: payloads[1] },
  ]);
  return { sipCallId: report.sipCallId, payloads: [payloads[0], payloads[1]] };
}

/** What is in the list of these calls. */
export interface Account {
  readonly found: number;
  readonly twice: number;
  readonly missingPackets: number;
  readonly wrongPackets: number;
  /** Recordings with missing packets that say nothing of it. */
  readonly undeclared: number;
}

/** @param search what to look for where there are more than 200 recordings: a name or number that these calls have */
export async function accountOf(server: TestServer, calls: readonly PlacedCall[], search = ''): Promise<Account> {
  const shelf = new Shelf(server);
  const query = new URLSearchParams({ limit: '200', ...(search === '' ? {} : { q: search }) }).toString();
  const { items } = await server.api<{ items: { id: string }[] }>('GET', `/recordings?${query}`);
  const details = await Promise.all(items.map(({ id }) => shelf.detail(id)));
  const account = { found: 0, twice: 0, missingPackets: 0, wrongPackets: 0, undeclared: 0 };
  for (const { sipCallId, payloads } of calls) {
    const own = details.filter((detail) => detail.vendorIds['recordingCallId'] === sipCallId);
    if (own.length > 1) account.twice++;
    const [recording] = own;
    if (recording === undefined) continue;
    account.found++;
    const { missing, wrong } = await compare(server, recording, payloads);
    account.missingPackets += missing;
    account.wrongPackets += wrong;
    if (missing > 0 && !isDeclared(recording)) account.undeclared++;
  }
  return account;
}

async function compare(server: TestServer, { id }: RecordingDetail, payloads: readonly Buffer[]) {
  const wav = await server.api<Buffer>('GET', `/recordings/${id}/audio?format=original`);
  const { channels } = readWavFile(wav);
  let missing = 0;
  let wrong = 0;
  for (const [side, payload] of payloads.entries()) {
    const holes = findHoles(channels[side]!, payload);
    missing += holes.holes.reduce((sum, { count }) => sum + count, 0);
    wrong += holes.wrong + holes.moved;
  }
  return { missing, wrong };
}

function isDeclared({ events, warnings, tracks }: RecordingDetail): boolean {
  const told = events.some(({ type }) => type === 'capture-gap') || warnings.length > 0;
  return told || tracks.some(({ lost }) => lost > 0);
}
