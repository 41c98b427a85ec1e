import type { Stretch } from '../audio/types.ts';
import type { CallRecording, CallState, FactsSince, Pause, Span } from '../link/fold.ts';
import type { Asker, RecordingBy } from '../link/journal.ts';
import type { CallFacts, Decision } from '../policy/types.ts';

/** A state of the facts with the decision that counts: one that was held for want of settings is decided by now. */
export interface Decided extends FactsSince {
  readonly decision: Decision;
}

/** A recording of a call: what of its audio is kept, and by which decision. */
export interface Wanted {
  /** Number within the call, from 1. */
  readonly recording: number;
  readonly by: RecordingBy;
  readonly asker: Asker | null;
  /** The decision that held at its end, and all that held during it. */
  readonly decision: Decision;
  readonly decisions: readonly Decision[];
  /** µs since the call's opening; null = from the first, up to the last sample. */
  readonly window: Stretch;
  /** Becomes silence: what nobody wanted, and pauses of that mode. */
  readonly blank: readonly Stretch[];
  /** Is taken out of the audio. */
  readonly cut: readonly Stretch[];
  /** Those that lie in it, and all of the call. */
  readonly pauses: readonly Pause[];
  readonly allPauses: readonly Pause[];
  /** Why it ended before its call; null = with it. */
  readonly endReason: string | null;
}

/** What is to become of the recordings of a call. */
export interface Sorted {
  readonly wanted: readonly Wanted[];
  /** Held by live-keep, and nobody has asked yet. */
  readonly pending: readonly Wanted[];
  /** Held until the recorder's clock dropped it: nobody had asked it. */
  readonly expired: readonly Wanted[];
  /** Who dropped what was held, or not wanted any more; null = not told. */
  readonly dropped: readonly (Asker | null)[];
  /** Whether all that had been captured of a recording is void by a `deny`. */
  readonly isDestroyed: boolean;
}

/** Decides what was held for want of settings, or of an account. Still undecided: what cannot be decided is not lost. */
export async function decideNow(
  history: readonly FactsSince[],
  decide: (facts: CallFacts) => Promise<Decision> | Decision,
): Promise<Decided[]> {
  const decided: Decided[] = [];
  for (const since of history) {
    const { decision } = since;
    if (decision.verdict !== 'hold' && decision.accountId !== '') {
      decided.push(since);
      continue;
    }
    const now = await decide(since.facts);
    if (decision.verdict === 'hold') {
      decided.push({ ...since, decision: now.verdict === 'hold' ? { ...now, verdict: 'record' } : now });
    } else {
      decided.push({ ...since, decision: { ...decision, accountId: now.accountId } });
    }
  }
  return decided;
}

/** Sorts the recordings that the journal tells of. A call of an older journal, which tells of none, has one where any decision says so. */
export function sortRecordings(call: CallState, decided: readonly Decided[]): Sorted {
  const wanted: Wanted[] = [];
  const pending: Wanted[] = [];
  const expired: Wanted[] = [];
  const dropped: (Asker | null)[] = [];
  let isDestroyed = false;
  for (const one of recordingsOf(call, decided)) {
    const spans = remaining(one.spans, call.destroyedUntil);
    const whole = (): Wanted => wantedOf(call, decided, one, spans);
    if (spans.length === 0) isDestroyed = true;
    else if (one.kept === false && one.keptBy?.via === 'timer') expired.push(whole());
    else if (one.kept === false) dropped.push(one.keptBy);
    else if (isPending(one)) pending.push(whole());
    else wanted.push(whole());
  }
  return { wanted, pending, expired, dropped, isDestroyed };
}

function isPending({ by, kept }: Pick<CallRecording, 'by' | 'kept'>): boolean {
  return by === 'live-keep' && kept === null;
}

/** Minutes after the end of the call until when what is held may be asked for. */
export function keepMinutes(call: CallState): number {
  const minutes = call.recordings.filter(isPending).map((one) => one.keepMinutes ?? 0);
  return Math.max(0, ...minutes);
}

type Recording = Omit<CallRecording, 'asker'> & { readonly asker: Asker | null };

/** Those of the journal; what policy wants of a stretch that was held for want of settings comes to that of policy. */
function recordingsOf(call: CallState, decided: readonly Decided[]): Recording[] {
  const isOld = call.recordings.length === 0;
  const spans = spansOf(call, decided, (before, after) => after === 'record' && (isOld || before === 'hold'));
  if (spans.length === 0) return [...call.recordings];
  const known = call.recordings.find(({ by }) => by === 'policy');
  if (known === undefined) {
    const recording = Math.max(0, ...call.recordings.map((one) => one.recording)) + 1;
    const none = { asker: null, kept: null, keptBy: null, keepMinutes: null, endReason: null } as const;
    return [...call.recordings, { ...none, recording, by: 'policy', ...ends(spans), spans }];
  }
  const joined = join([...spans, ...known.spans]);
  return call.recordings.map((one) => (one === known ? { ...one, ...ends(joined), spans: joined } : one));
}

function spansOf(
  call: CallState,
  decided: readonly Decided[],
  isWanted: (before: string, after: string) => boolean,
): Span[] {
  const spans = decided.flatMap(({ mono, decision }, at): Span[] => {
    if (!isWanted(call.history[at]?.decision.verdict ?? '', decision.verdict)) return [];
    return [{ fromMono: at === 0 ? 0 : mono, toMono: decided[at + 1]?.mono ?? null }];
  });
  return join(spans);
}

/** In order, and what touches in one. */
function join(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.fromMono - b.fromMono)) {
    const last = joined.at(-1);
    if (last === undefined || (last.toMono !== null && last.toMono < span.fromMono)) joined.push(span);
    else joined[joined.length - 1] = { ...last, toMono: later(last.toMono, span.toMono) };
  }
  return joined;
}

function later(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.max(a, b);
}

function ends(spans: readonly Span[]): Span {
  return { fromMono: spans[0]!.fromMono, toMono: spans.at(-1)!.toMono };
}

/** What is left of spans when everything before a moment is void. */
function remaining(spans: readonly Span[], destroyedUntil: number | null): Span[] {
  if (destroyedUntil === null) return [...spans];
  return spans
    .filter(({ toMono }) => toMono === null || toMono > destroyedUntil)
    .map((span) => ({ ...span, fromMono: Math.max(span.fromMono, destroyedUntil) }))
    .filter(({ fromMono, toMono }) => toMono === null || toMono > fromMono);
}

function wantedOf(call: CallState, decided: readonly Decided[], one: Recording, spans: readonly Span[]): Wanted {
  const { recording, by, endReason } = one;
  // Live-keep begins by itself; who asked is who wanted it kept (S9).
  const asker = one.keptBy ?? one.asker;
  const end = call.ended?.mono ?? Number.POSITIVE_INFINITY;
  const { fromMono, toMono } = ends(spans);
  const last = toMono === null || toMono >= end ? null : toMono;
  const during = decided.filter(({ mono }, at) => {
    return (at === 0 || last === null || mono < last) && (decided[at + 1]?.mono ?? Infinity) > fromMono;
  });
  const isOld = call.recordings.length === 0;
  const decisions = (during.length === 0 ? decided.slice(-1) : during).map(({ decision }) => decision);
  const asking = by === 'policy' ? decisions.filter(({ verdict }) => verdict === 'record') : decisions;
  const pauses = call.pauses.filter((pause) => {
    return (pause.toMono === null || pause.toMono > fromMono) && (last === null || pause.fromMono < last);
  });
  return {
    recording,
    by,
    asker,
    decision: (asking.at(-1) ?? decisions.at(-1))!,
    decisions: asking.length > 0 ? asking : decisions,
    window: isOld ? WHOLE : { fromUs: fromMono <= 0 ? null : us(fromMono), toUs: last === null ? null : us(last) },
    blank: [
      ...(isOld ? around(spans) : []),
      ...between(spans),
      ...pauses.filter(({ mode }) => mode === 'silence').map(stretchOf),
    ],
    cut: pauses.filter(({ mode }) => mode === 'cut').map(stretchOf),
    pauses,
    allPauses: call.pauses,
    endReason: last === null ? null : endReason,
  };
}

const WHOLE: Stretch = { fromUs: null, toUs: null };

/** Recordings of older journals last as long as their calls; what nobody wanted at the ends is silent as well. */
function around(spans: readonly Span[]): Stretch[] {
  const { fromMono, toMono } = ends(spans);
  const before = fromMono <= 0 ? [] : [{ fromUs: null, toUs: us(fromMono) }];
  return toMono === null ? before : [...before, { fromUs: us(toMono), toUs: null }];
}

/** Nobody asked for what lies between two spans. */
function between(spans: readonly Span[]): Stretch[] {
  return spans
    .slice(1)
    .map((span, at) => ({ fromUs: us(spans[at]!.toMono ?? span.fromMono), toUs: us(span.fromMono) }));
}

function stretchOf({ fromMono, toMono }: Span): Stretch {
  return { fromUs: us(fromMono), toUs: toMono === null ? null : us(toMono) };
}

function us(mono: number): number {
  return Math.round(mono * 1000);
}

/** Whether a moment, µs since the call's opening, lies in any of the stretches. */
export function isWithin(stretches: readonly Stretch[], atUs: number, marginUs = 0): boolean {
  return stretches.some(
    ({ fromUs, toUs }) => (fromUs === null || atUs >= fromUs) && (toUs === null || atUs < toUs + marginUs),
  );
}
