import type { JsonValue } from '../base/json.ts';
import type { RecordingInput } from '../catalogue/types.ts';
import { type Manifest, type ManifestDetail, manifestKey } from '../vault/manifest.ts';
import { callRowOf } from './call-row.ts';
import { storable } from './storable.ts';

/** So many gaps and corrections of a track go into the catalogue; the manifest has them all. */
const MOST_ITEMS = 1000;

/** Longer texts of a peer are cut in the catalogue, which indexes them; the manifest has them whole. */
const MOST_TEXT = 500;

/** The catalogue's rows, from the manifest alone: a first archiving, a retry and a rebuild give the same. */
export function recordingRow(manifest: Manifest, manifestSha256: string, detail: ManifestDetail): RecordingInput {
  return storable({
    id: manifest.recordingId,
    recordId: manifest.recordId,
    callId: manifest.callId,
    accountId: manifest.accountId,
    nodeId: manifest.nodeId,
    direction: detail.direction,
    protocol: detail.protocol,
    trunk: detail.trunk.slice(0, MOST_TEXT),
    startedAt: new Date(detail.startedAt),
    endedAt: new Date(detail.endedAt),
    durationMs: detail.durationMs,
    endReason: detail.endReason,
    container: manifest.container,
    codec: manifest.codec,
    channels: manifest.channels,
    objectKey: manifest.audio?.key ?? null,
    objectBytes: manifest.audio?.bytes ?? 0,
    manifestKey: manifestKey(manifest.recordingId),
    manifestSha256,
    retainUntil: manifest.retainUntil === null ? null : new Date(manifest.retainUntil),
    warnings: detail.warnings,
    vendorIds: detail.vendorIds,
    parties: detail.parties.map((party) => ({
      ...party,
      name: cut(party.name),
      number: cut(party.number),
      aor: cut(party.aor),
      userId: party.userId ?? null,
      userName: party.userName ?? null,
    })),
    tracks: detail.tracks.map((track) => ({ ...track, detail: bounded(track.detail) })),
    events: eventsWithin(detail).map((event) => ({ ...event, at: new Date(event.at) })),
    conversationId: detail.conversationId,
    recording: detail.recording?.number ?? 1,
    by: detail.recording?.by ?? 'policy',
    ...askerOf(detail),
    owner: detail.owner ?? { kind: null, userId: null, name: null, groupId: null },
    pauses: (detail.pauses ?? []).map(({ endedBy: _endedBy, ...pause }) => pause),
    deliveries: detail.deliveries ?? [],
    call: callRowOf(manifest, detail),
  });
}

/** Nobody asked for what policy wanted by itself. */
function askerOf({ recording }: ManifestDetail): { asker: string | null; askerUserId: string | null } {
  const asker = recording?.asker ?? null;
  if (asker === null || asker.kind === 'policy') return { asker: null, askerUserId: null };
  return { asker: asker.name, askerUserId: asker.userId ?? null };
}

/** The manifest has the timeline of the whole call; a recording that ended before shows it up to its own end. */
function eventsWithin({ events, call, endedAt }: ManifestDetail): ManifestDetail['events'] {
  return call === undefined || endedAt >= call.endedAt ? events : events.filter(({ at }) => at <= endedAt);
}

function bounded(detail: JsonValue): JsonValue {
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) return detail;
  const fields = Object.entries(detail).map(([key, value]): [string, JsonValue] => [
    key,
    Array.isArray(value) && value.length > MOST_ITEMS ? value.slice(0, MOST_ITEMS) : value,
  ]);
  return Object.fromEntries(fields);
}

function cut(text: string | null): string | null {
  return text === null ? null : text.slice(0, MOST_TEXT);
}
