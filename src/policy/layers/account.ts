import { termsOf } from '../terms.ts';
import { cellsOf, cellWords, viewWords } from '../view.ts';
import { asking, silent, type Case, type LayerAnswer } from './case.ts';

/** D4, *for the entire account*: decided for itself, whatever the endpoints say. */
export function accountLayer({ account, whole }: Case): LayerAnswer {
  const { id, name, entire } = account.settings;
  const view = whole.find((one) => cellsOf(one).every((cell) => entire?.[cell] === 'on'));
  if (view === undefined) {
    return silent('account', `Account ${name} does not record ${viewWords(whole[0]!)} as a whole.`);
  }
  const terms = termsOf(account, []);
  return asking('account', `Account ${name} records all its ${cellWords(cellsOf(view))}.`, [
    { layer: 'account', id, name, scope: 'call', anchors: [], terms },
  ]);
}
