import type { Stretch, TrackReport } from '../audio/types.ts';
import type { JsonValue } from '../base/json.ts';
import type { CallState, Pause } from '../link/fold.ts';
import type { LogGap } from '../recording/log/reader.ts';
import type { ManifestDetail, OfCall } from '../vault/manifest.ts';
import type { Plan } from './channels.ts';
import type { PressedDigit } from './digits.ts';
import type { Laid } from './lay-out.ts';
import { directionOf, knownParties, ownerOf, recordingEvents, reasonOf, strongest } from './who.ts';
import type { Decided, Wanted } from './wanted.ts';

/** A call as it was decided in the end. */
export interface DecidedCall {
  readonly call: CallState;
  readonly decided: readonly Decided[];
  readonly plan: Plan;
  /** Whose it is; '' = it could not be told. */
  readonly accountId: string;
}

/** What the journal of calls shows of it. @param fate what became of it besides, e.g. that it was destroyed */
export function ofCall({ call, decided }: DecidedCall, fate: readonly string[] = []): OfCall {
  const decision = strongest(decided);
  return {
    startedAt: Math.round(call.openedAt),
    // Not by the wall clock's word at the end: it may have been stepped since.
    endedAt: Math.round(call.openedAt + (call.ended?.mono ?? 0)),
    endReason: call.ended?.reason ?? 'lost',
    direction: directionOf(decided),
    verdict: decision?.verdict ?? 'ignore',
    reason: [decision === undefined ? 'Nothing is known of it.' : reasonOf(decision), ...fate].join(' '),
    owner: ownerOf(
      decision ?? { verdict: 'ignore', accountId: '', settingsVersion: 0, layers: [] },
      knownParties(decided),
    ),
  };
}

/** The parties with what the directory knows of them. */
export function partiesOf({ plan, decided }: DecidedCall): ManifestDetail['parties'] {
  const known = knownParties(decided);
  return plan.parties.map(({ party, role, channel }, position) => {
    const user = known.get(party.id);
    const userName = user?.userName ?? null;
    return {
      position,
      name: party.name ?? userName,
      number: party.number ?? null,
      aor: party.aor ?? null,
      role,
      channel,
      userId: user?.userId ?? null,
      userName,
    };
  });
}

export function vendorIdsOf(call: CallState): Record<string, string> {
  return Object.assign({}, ...call.history.map(({ facts }) => facts.vendorIds)) as Record<string, string>;
}

/** What is described: one recording of a call. */
export interface Described extends DecidedCall {
  readonly wanted: Wanted;
  readonly gaps: readonly LogGap[];
  readonly digits: readonly PressedDigit[];
  readonly laid: Laid;
  readonly warnings: readonly string[];
  readonly ofCall: OfCall;
}

/** Everything about a recording that the manifest's sealed part tells. */
export function describeRecording(described: Described): ManifestDetail {
  const { call, plan, wanted, gaps, digits, laid, decided } = described;
  const offset = offsets(laid.startUs, wanted.cut);
  const span = wallSpan(call, wanted);
  return {
    ...span,
    durationMs: laid.durationMs,
    endReason: wanted.endReason ?? call.ended?.reason ?? 'lost',
    direction: described.ofCall.direction,
    protocol: call.protocol,
    trunk: call.history.at(-1)?.facts.trunk ?? '',
    conversationId: call.conversationId,
    vendorIds: vendorIdsOf(call),
    parties: partiesOf(described),
    tracks: laid.tracks.map((track) => describeTrack(track, plan)),
    events: eventsOf(call, gaps, offset, digits),
    warnings: [...call.warnings, ...gaps.map(gapText), ...laid.warnings, ...described.warnings],
    audioSha256: laid.audioSha256,
    gaps: plain(gaps),
    decision: plain(wanted.decision),
    history: plain(call.history),
    recording: { number: wanted.recording, by: wanted.by, asker: wanted.asker },
    owner: ownerOf(wanted.decision, knownParties(decided)),
    pauses: wanted.pauses.map((pause) => ({
      // Not behind the last sample, where nothing came after it.
      offsetMs: Math.min(offset(pause.fromMono), laid.durationMs),
      lengthMs: lengthOf(pause, call),
      mode: pause.mode,
      reason: pause.reason,
      asker: pause.asker.name,
      endedBy: pause.endedBy?.name ?? null,
    })),
    deliveries: [...new Set(wanted.decisions.flatMap(({ deliveries = [] }) => deliveries))].toSorted(),
    call: described.ofCall,
  };
}

/** From when to when a recording lasts, wall ms. */
export function wallSpan(call: CallState, { window }: Wanted): { startedAt: number; endedAt: number } {
  return {
    startedAt: Math.round(call.openedAt + (window.fromUs ?? 0) / 1000),
    endedAt: Math.round(call.openedAt + (window.toUs === null ? (call.ended?.mono ?? 0) : window.toUs / 1000)),
  };
}

/** Ms of the audio for a `mono` of the call: what was cut out before it does not count. */
function offsets(startUs: number, cut: readonly Stretch[]): (mono: number) => number {
  return (mono) => {
    const at = mono * 1000;
    let passed = 0;
    for (const { fromUs, toUs } of cut) {
      const from = Math.max(fromUs ?? startUs, startUs);
      const to = Math.min(toUs ?? Number.POSITIVE_INFINITY, at);
      if (to > from) passed += to - from;
    }
    return (at - startUs - passed) / 1000;
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

/** The timeline of the call: what its signalling told, what was done by hand, and what of its audio is missing. */
export function eventsOf(
  call: CallState,
  gaps: readonly LogGap[],
  offset: (mono: number) => number,
  digits: readonly PressedDigit[] = [],
): ManifestDetail['events'] {
  const timed = (mono: number, type: string, text: string) => ({
    at: Math.round(call.openedAt + mono),
    offsetMs: offset(mono),
    type,
    text,
  });
  const told = call.events.map(({ at, mono, type, text }) => ({
    at: Math.round(at),
    offsetMs: offset(mono),
    type,
    text,
  }));
  const found = gaps.map((gap) => timed((gap.afterUs ?? 0) / 1000, 'capture-gap', gapText(gap)));
  const paused = call.pauses.map((pause) => timed(pause.fromMono, 'paused', pauseText(pause, call)));
  const done = recordingEvents(call).map(({ mono, type, text }) => timed(mono, type, text));
  const pressed = digits.map(({ mono, text }) => timed(mono, 'digit', text));
  return [...told, ...found, ...paused, ...done, ...pressed].toSorted((a, b) => a.offsetMs - b.offsetMs || a.at - b.at);
}

function lengthOf({ fromMono, toMono }: Pause, call: CallState): number {
  return Math.max(0, (toMono ?? call.ended?.mono ?? fromMono) - fromMono);
}

function pauseText(pause: Pause, call: CallState): string {
  const { mode, reason, asker, endedBy } = pause;
  const seconds = (lengthOf(pause, call) / 1000).toFixed(1);
  const why = reason === '' ? '' : ` (${reason})`;
  const end = endedBy === null ? 'until the end of the call' : `until ${endedBy.name} went on`;
  const what = mode === 'cut' ? 'they are cut out of the audio' : 'the audio is silent for so long';
  return `Paused by ${asker.name}${why} for ${seconds} s, ${end}; ${what}.`;
}

function gapText(gap: LogGap): string {
  const count = gap.to - gap.from + 1;
  const records = count === 1 ? 'One record' : `${count} records`;
  const from = gap.afterUs === null ? 'the beginning' : `${(gap.afterUs / 1e6).toFixed(1)} s`;
  const to = gap.beforeUs === null ? 'the end' : `${(gap.beforeUs / 1e6).toFixed(1)} s`;
  return `${records} of captured packets, at most 400 ms each, between ${from} and ${to} of the call could not be read.`;
}

/** Plain data as JSON has it. */
export function plain(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}
