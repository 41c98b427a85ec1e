import type { JsonValue } from '../base/json.ts';
import type { RecordingInput } from '../catalogue/types.ts';
import { type Manifest, type ManifestDetail, manifestKey } from '../vault/manifest.ts';

/** So many gaps and corrections of a track go into the catalogue; the manifest has them all. */
const MOST_ITEMS = 1000;

/** The catalogue's rows, from the manifest alone: a first archiving, a retry and a rebuild give the same. */
export function recordingRow(manifest: Manifest, manifestSha256: string, detail: ManifestDetail): RecordingInput {
  return {
    id: manifest.recordingId,
    recordId: manifest.recordId,
    callId: manifest.callId,
    accountId: manifest.accountId,
    nodeId: manifest.nodeId,
    direction: detail.direction,
    protocol: detail.protocol,
    trunk: detail.trunk,
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
    parties: detail.parties,
    tracks: detail.tracks.map((track) => ({ ...track, detail: bounded(track.detail) })),
    events: detail.events.map((event) => ({ ...event, at: new Date(event.at) })),
    conversationId: detail.conversationId,
  };
}

function bounded(detail: JsonValue): JsonValue {
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) return detail;
  const fields = Object.entries(detail).map(([key, value]): [string, JsonValue] => [
    key,
    Array.isArray(value) && value.length > MOST_ITEMS ? value.slice(0, MOST_ITEMS) : value,
  ]);
  return Object.fromEntries(fields);
}
