import type { FlowStep, Override, PauseMode } from '../policy/types.ts';
import type { Asker, RecordingBy, RecordingEnd, RecordingStep } from './journal.ts';

/** A stretch of time, `mono` of the call in ms; `toMono` null = it runs, or ended with the call. */
export interface Span {
  readonly fromMono: number;
  readonly toMono: number | null;
}

/** A recording of a call: what was wanted of its audio, and why. */
export interface CallRecording {
  /** Counts from 1 in the call. */
  readonly recording: number;
  readonly by: RecordingBy;
  /** Who asked for it first (S9). */
  readonly asker: Asker;
  /** Beginning of the first span. */
  readonly fromMono: number;
  /** End of the last span; null = it runs, or ended with the call. */
  readonly toMono: number | null;
  /** What it holds; between two spans nobody asked for it, and it is blank. */
  readonly spans: readonly Span[];
  readonly endReason: RecordingEnd | null;
  /** Of live-keep: whether somebody asked for it; null = not yet. Of others null, or false when it is not wanted any more. */
  readonly kept: boolean | null;
  /** Who said so. */
  readonly keptBy: Asker | null;
  /** Of live-keep: minutes after the end of the call within which it may be asked for. */
  readonly keepMinutes: number | null;
}

/** Holds for all recordings of the call. */
export interface Pause extends Span {
  readonly mode: PauseMode;
  readonly reason: string;
  readonly asker: Asker;
  readonly endedBy: Asker | null;
}

/** What has become of a call's recordings so far. */
export interface RecordingPast {
  /** Empty in journals of older versions: one recording then, where any decision says so. */
  recordings: readonly CallRecording[];
  pauses: readonly Pause[];
  /** What was captured before this `mono` is void; null = nothing is. */
  destroyedUntil: number | null;
  /** Who asked for that. */
  destroyedBy: Asker | null;
  /** What commands laid over the facts that signalling tells. */
  commanded: { readonly override: Override | null; readonly flow: FlowStep | null };
}

export function newPast(): RecordingPast {
  return {
    recordings: [],
    pauses: [],
    destroyedUntil: null,
    destroyedBy: null,
    commanded: { override: null, flow: null },
  };
}

/** Takes a step of recording up, at `mono` of the call. A step that fits nothing changes nothing. */
export function takeStep(past: RecordingPast, step: RecordingStep, mono: number): void {
  switch (step.do) {
    case 'begun':
      past.recordings = begun(past.recordings, step, step.fromMono ?? mono);
      break;
    case 'ended':
      past.recordings = past.recordings.map((one) =>
        one.recording === step.recording ? ended(one, step.reason, mono) : one,
      );
      break;
    case 'paused': {
      const { mode, reason, asker } = step;
      if (pauseInForce(past) === null)
        past.pauses = [...past.pauses, { fromMono: mono, toMono: null, mode, reason, asker, endedBy: null }];
      break;
    }
    case 'resumed':
      past.pauses = past.pauses.map((one) =>
        one.toMono === null ? { ...one, toMono: mono, endedBy: step.asker } : one,
      );
      break;
    case 'kept':
    case 'dropped':
      past.recordings = past.recordings.map((one) =>
        one.by === 'live-keep' ? { ...one, kept: step.do === 'kept', keptBy: step.asker } : one,
      );
      break;
    case 'destroyed':
      past.destroyedUntil = mono;
      past.destroyedBy = step.asker;
      break;
    case 'override':
      past.commanded = { ...past.commanded, override: step.value };
      break;
    case 'flow': {
      const name = step.name === null ? {} : { name: step.name };
      past.commanded = { ...past.commanded, flow: { step: step.step, ...name } };
      break;
    }
  }
}

/** Whether a step makes something void that was captured. */
export function makesVoid(step: RecordingStep): boolean {
  return step.do === 'destroyed' || step.do === 'dropped' || (step.do === 'ended' && step.reason === 'dropped');
}

export function pauseInForce({ pauses }: Pick<RecordingPast, 'pauses'>): Pause | null {
  const last = pauses.at(-1);
  return last === undefined || last.toMono !== null ? null : last;
}

function begun(
  recordings: readonly CallRecording[],
  { recording, by, asker, keepMinutes }: RecordingStep & { do: 'begun' },
  fromMono: number,
): readonly CallRecording[] {
  const span = { fromMono, toMono: null };
  const before = recordings.find((one) => one.recording === recording);
  if (before === undefined) {
    const fresh = { endReason: null, kept: null, keptBy: null, keepMinutes: keepMinutes ?? null };
    return [...recordings, { recording, by, asker, ...span, spans: [span], ...fresh }];
  }
  if (before.toMono === null) return recordings;
  const again = {
    ...before,
    toMono: null,
    endReason: null,
    spans: [...before.spans, span],
    keepMinutes: keepMinutes ?? before.keepMinutes,
  };
  return recordings.map((one) => (one === before ? again : one));
}

function ended(one: CallRecording, reason: RecordingEnd, mono: number): CallRecording {
  if (one.toMono !== null) return one;
  const spans = one.spans.map((span) => (span.toMono === null ? { ...span, toMono: mono } : span));
  return { ...one, spans, toMono: mono, endReason: reason, kept: reason === 'dropped' ? false : one.kept };
}
