import type { CallState } from '../link/fold.ts';
import { capturedOf } from '../recording/log/captured.ts';
import type { LogGap } from '../recording/log/reader.ts';
import type { CallReading } from './call-reading.ts';
import { isWithin, type Wanted } from './wanted.ts';

/** A digit that somebody pressed, as a telephone-event. */
export interface PressedDigit {
  /** ms since the call's opening. */
  readonly mono: number;
  readonly text: string;
}

/** RFC 4733, 3.2. */
const NAMES = '0123456789*#ABCD';

/** The digits that were pressed in a recording, each once. None where the account does not keep them: then the log does not hold them. */
export async function digitsIn(reading: CallReading, wanted: Wanted): Promise<PressedDigit[]> {
  if (!wanted.decisions.some(({ keepDigits }) => keepDigits === true)) return [];
  const pressed = new Map<string, PressedDigit>();
  for await (const item of reading.items()) {
    if (item.kind !== 'packets') continue;
    for (const packet of capturedOf(item)) {
      if (packet.kind !== 'event' || packet.event === undefined || !isInside(wanted, packet.arrivalUs)) continue;
      const key = `${packet.stream} ${packet.ssrc} ${packet.timestamp}`;
      const name = NAMES[packet.event] ?? `event ${packet.event}`;
      const text = `${name} was pressed, on stream ${packet.stream + 1}.`;
      if (!pressed.has(key)) pressed.set(key, { mono: packet.arrivalUs / 1000, text });
    }
  }
  return [...pressed.values()];
}

function isInside({ window, blank, cut }: Wanted, atUs: number): boolean {
  return isWithin([window], atUs) && !isWithin(blank, atUs) && !isWithin(cut, atUs);
}

/** A record of the log is no longer; so far beyond its ends a recording's packets may stand. */
const RECORD_US = 1_000_000;

/** Those gaps that are of the recording: what was destroyed or dropped on purpose beside it is missing in the log, but not lost. */
export function gapsIn(gaps: readonly LogGap[], { window }: Wanted, call: CallState): readonly LogGap[] {
  const isVoid = call.destroyedUntil !== null || call.recordings.some(({ kept }) => kept === false);
  if (!isVoid) return gaps;
  const { fromUs, toUs } = window;
  return gaps.filter(
    ({ afterUs, beforeUs }) =>
      (fromUs === null || beforeUs === null || beforeUs > fromUs) &&
      (toUs === null || afterUs === null || afterUs + RECORD_US < toUs),
  );
}
