import { createHash } from 'node:crypto';
import { opaqueId } from '../base/ids.ts';

/** What an object of a recording holds. */
export type ObjectKind = 'wav' | 'flac' | 'peaks' | 'trace' | 'rtp';

/** `objects/yyyy/mm/dd/<recordingId>/<attempt>.<kind>.age`; the day (UTC) is the recording's start. */
export function objectKey(startedAt: number, recordingId: string, attempt: string, kind: ObjectKind): string {
  return `${recordingFolder(startedAt, recordingId)}${attempt}.${kind}.age`;
}

export function recordingFolder(startedAt: number, recordingId: string): string {
  const day = new Date(startedAt).toISOString().slice(0, 10).replaceAll('-', '/');
  return `objects/${day}/${recordingId}/`;
}

/** The recording an object belongs to, or null where the key is not one of ours. */
export function recordingOf(key: string): string | null {
  return /^objects\/\d{4}\/\d{2}\/\d{2}\/([0-9a-z]{26})\/[0-9a-z]+\.[a-z]+\.age$/.exec(key)?.[1] ?? null;
}

/**
 * The id of a call's recording. It follows from the call's, and from its number in the call where that is not 1, so that every attempt to
 * archive it meets at the same manifest; it is as unguessable as the call's id is.
 */
export function recordingIdOf(callId: string, recording = 1): string {
  const which = recording === 1 ? '' : `recording ${recording} of `;
  const digest = createHash('sha256').update(`earshot recording of ${which}${callId}`).digest();
  return opaqueId((size) => digest.subarray(0, size));
}
