import type { TrackReport } from '../audio/types.ts';
import type { JsonValue } from '../base/json.ts';
import type { CallState } from '../link/fold.ts';
import type { LogGap } from '../recording/log/reader.ts';
import type { ManifestDetail } from '../vault/manifest.ts';
import type { Plan } from './channels.ts';
import type { Keeping } from './keeping.ts';
import type { Laid } from './lay-out.ts';

/** Everything about the call that the manifest's sealed part tells. */
export function describeCall(
  call: CallState,
  keeping: Keeping,
  plan: Plan,
  gaps: readonly LogGap[],
  laid: Laid,
): ManifestDetail {
  const last = call.history.at(-1);
  const startMs = laid.startUs / 1000;
  return {
    startedAt: Math.round(call.openedAt),
    // Not by the wall clock's word at the end: it may have been stepped since.
    endedAt: Math.round(call.openedAt + (call.ended?.mono ?? 0)),
    durationMs: laid.durationMs,
    endReason: call.ended?.reason ?? 'lost',
    direction: call.history.findLast(({ facts }) => facts.direction !== 'UNKNOWN')?.facts.direction ?? 'UNKNOWN',
    protocol: call.protocol,
    trunk: last?.facts.trunk ?? '',
    conversationId: call.conversationId,
    vendorIds: Object.assign({}, ...call.history.map(({ facts }) => facts.vendorIds)) as Record<string, string>,
    parties: plan.parties.map(({ party, role, channel }, position) => ({
      position,
      name: party.name ?? null,
      number: party.number ?? null,
      aor: party.aor ?? null,
      role,
      channel,
    })),
    tracks: laid.tracks.map((track) => describeTrack(track, plan)),
    events: eventsOf(call, gaps, startMs),
    warnings: [...call.warnings, ...gaps.map(gapText), ...laid.warnings],
    audioSha256: laid.audioSha256,
    gaps: plain(gaps),
    decision: plain(keeping.decision),
    history: plain(call.history),
  };
}

/** So many gaps and corrections of a track are listed: a manifest stays small enough to be read in one piece. The sums are exact. */
const MOST_ITEMS = 50_000;

function listed<T>(items: readonly T[]): { readonly listed: readonly T[]; readonly omitted: number } {
  return { listed: items.slice(0, MOST_ITEMS), omitted: Math.max(0, items.length - MOST_ITEMS) };
}

function describeTrack(track: TrackReport, plan: Plan): ManifestDetail['tracks'][number] {
  const { channel, codec, packets, lost, duplicates, reordered, silentMs, name, ...detail } = track;
  const streams = plan.channels[channel]?.streams ?? [];
  const gaps = listed(track.gaps);
  const corrections = listed(track.corrections);
  const lists = {
    gaps: gaps.listed,
    gapsOmitted: gaps.omitted,
    corrections: corrections.listed,
    correctionsOmitted: corrections.omitted,
  };
  return {
    channel,
    label: name,
    codec,
    packets,
    lost,
    duplicates,
    reordered,
    silentMs,
    detail: plain({ ...detail, ...lists, streams }),
  };
}

function eventsOf(call: CallState, gaps: readonly LogGap[], startMs: number): ManifestDetail['events'] {
  const told = call.events.map(({ at, mono, type, text }) => ({
    at: Math.round(at),
    offsetMs: mono - startMs,
    type,
    text,
  }));
  const found = gaps.map((gap) => {
    const ms = (gap.afterUs ?? 0) / 1000;
    return { at: Math.round(call.openedAt + ms), offsetMs: ms - startMs, type: 'capture-gap', text: gapText(gap) };
  });
  return [...told, ...found].toSorted((a, b) => a.offsetMs - b.offsetMs);
}

function gapText(gap: LogGap): string {
  const count = gap.to - gap.from + 1;
  const records = count === 1 ? 'One record' : `${count} records`;
  const from = gap.afterUs === null ? 'the beginning' : `${(gap.afterUs / 1e6).toFixed(1)} s`;
  const to = gap.beforeUs === null ? 'the end' : `${(gap.beforeUs / 1e6).toFixed(1)} s`;
  return `${records} of captured packets, at most 400 ms each, between ${from} and ${to} of the call could not be read.`;
}

/** Plain data as JSON has it. */
function plain(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}
