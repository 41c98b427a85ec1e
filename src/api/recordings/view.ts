import type { Actor } from '../../access/actor.ts';
import { may } from '../../access/rules.ts';
import type { Decision } from '../../policy/types.ts';
import type { RecordingFull, RecordingRow } from '../context.ts';
import type { RecordingDetail, RecordingSummary } from './schema.ts';

/** A row as the list shows it. */
export function summaryOf(row: RecordingRow): RecordingSummary {
  return {
    id: row.id,
    recordId: row.recordId,
    callId: row.callId,
    conversationId: row.conversationId,
    accountId: row.accountId,
    direction: row.direction,
    startedAt: row.startedAt.toISOString(),
    endedAt: row.endedAt.toISOString(),
    durationMs: row.durationMs,
    protocol: row.protocol,
    trunk: row.trunk,
    endReason: row.endReason,
    codec: row.codec,
    channels: row.channels,
    container: row.container,
    bytes: row.objectBytes,
    playable: isPlayable(row),
    retainUntil: row.retainUntil?.toISOString() ?? null,
    warnings: [...row.warnings],
    parties: row.parties.map((party) => ({ ...party })),
    recording: row.recording,
    by: row.by,
    asker: row.asker,
    askerUserId: row.askerUserId,
    owner: { ...row.owner },
    pauses: row.pauses.map(({ offsetMs, lengthMs, mode, reason, asker }) => ({
      offsetMs: Math.round(offsetMs),
      lengthMs: Math.round(lengthMs),
      mode,
      reason,
      asker,
    })),
    deliveries: [...row.deliveries],
  };
}

export function isPlayable(row: RecordingRow): boolean {
  return row.container !== 'none' && row.objectKey !== null;
}

/** A recording with all that the catalogue and the manifest know of it, as `actor` may see it. */
export function detailOf(
  row: RecordingFull,
  related: readonly RecordingRow[],
  decision: Decision | null,
  actor: Actor,
): RecordingDetail {
  const subject = { accountId: row.accountId, userIds: row.userIds };
  return {
    ...summaryOf(row),
    tracks: row.tracks.map((track) => ({ ...track })),
    events: row.events.map((event) => ({ ...event, at: event.at.toISOString() })),
    decision:
      decision === null
        ? null
        : {
            verdict: decision.verdict,
            settingsVersion: decision.settingsVersion,
            layers: decision.layers.map((layer) => ({ ...layer })),
          },
    vendorIds: { ...row.vendorIds },
    related: related.map(summaryOf),
    integrity: {
      nodeId: row.nodeId,
      manifestKey: row.manifestKey,
      manifestSha256: row.manifestSha256,
      objectKey: row.objectKey,
      objectBytes: row.objectBytes,
    },
    abilities: {
      play: isPlayable(row) && may(actor, 'recordings.play', subject),
      download: isPlayable(row) && may(actor, 'recordings.download', subject),
      delete: may(actor, 'recordings.delete', subject),
      trace: may(actor, 'recordings.trace', subject),
    },
  };
}
