/** The further figures of a track; the API hands them through from the manifest, so each is looked at before it is believed. */
export interface TrackDetail {
  readonly gaps: readonly { readonly fromMs: number; readonly toMs: number }[];
  readonly corrections: readonly { readonly atMs: number; readonly samples: number; readonly place: string }[];
  readonly comfortNoise: number;
  readonly events: number;
  readonly foreignCodecs: readonly string[];
  readonly sources: number;
  readonly mixedMs: number;
  readonly driftPpm: number | null;
}

export function readTrackDetail(detail: unknown): TrackDetail {
  const fields = isRecord(detail) ? detail : {};
  const number = (key: string): number => (typeof fields[key] === 'number' ? fields[key] : 0);
  const list = (key: string): unknown[] => (Array.isArray(fields[key]) ? fields[key] : []);
  return {
    gaps: list('gaps').filter(isGap),
    corrections: list('corrections').filter(isCorrection),
    comfortNoise: number('comfortNoise'),
    events: number('events'),
    foreignCodecs: list('foreignCodecs').filter((name) => typeof name === 'string'),
    sources: list('ssrcs').length,
    mixedMs: number('mixedMs'),
    driftPpm: typeof fields['driftPpm'] === 'number' ? fields['driftPpm'] : null,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isGap(value: unknown): value is TrackDetail['gaps'][number] {
  return isRecord(value) && typeof value['fromMs'] === 'number' && typeof value['toMs'] === 'number';
}

function isCorrection(value: unknown): value is TrackDetail['corrections'][number] {
  return isRecord(value) && typeof value['atMs'] === 'number' && typeof value['samples'] === 'number';
}
