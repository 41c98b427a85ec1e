import { termsOf } from '../terms.ts';
import { asking, silent, type Case, type LayerAnswer } from './case.ts';

/** D6: what lies between a start and a stop of a call flow. A stop ends only what a start began. */
export function flowLayer({ facts, account }: Case): LayerAnswer {
  const { flow } = facts;
  if (flow === undefined) return silent('flow', 'No call flow has started a recording.');
  const name = flow.name ?? 'a call flow';
  if (flow.step === 'stop') return silent('flow', `The step "${name}" of the call flow has stopped its recording.`);
  const terms = termsOf(account, []);
  return asking('flow', `The step "${name}" of the call flow has started a recording.`, [
    { layer: 'flow', id: name, name, scope: 'call', anchors: [], terms },
  ]);
}

/** S8: calls that somebody sent to the recorder itself. */
export function pilotLayer({ known, account }: Case): LayerAnswer {
  const { pilot } = known;
  if (pilot === null) return silent('pilot', 'The call was not sent to a pilot number of the recorder.');
  const { kind, number } = pilot;
  if (kind === 'live-keep')
    return silent(
      'pilot',
      `The call was sent to the live-keep pilot ${number}: it is held, and kept if somebody asks.`,
    );
  if (kind !== 'record' && kind !== 'cti')
    return silent('pilot', `The pilot ${number} tells whose call it is, and asks for nothing.`);
  const what = kind === 'cti' ? 'the CTI pilot' : 'the pilot';
  const terms = termsOf(account, []);
  return asking('pilot', `The call was sent to ${what} ${number} of the recorder.`, [
    { layer: 'pilot', id: number, name: number, scope: 'call', anchors: [], terms },
  ]);
}
