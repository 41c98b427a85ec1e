import { termsOf } from '../terms.ts';
import type { Ask, NumberSettings } from '../types.ts';
import { asking, silent, type Case, type LayerAnswer } from './case.ts';

/** D3: the account's own numbers, for as long as the external party is in the call. */
export function numberLayer(one: Case): LayerAnswer {
  const { known } = one;
  const numbers = new Set([...known.dialledNumbers, ...known.presentedNumbers]);
  if (numbers.size === 0) return silent('number', 'The call uses no number of the account.');
  const anchors = externalAnchors(one);
  if (anchors.length === 0)
    return silent('number', 'The call uses a number of the account, but nobody external is in it.');
  const asks = [...numbers].filter((number) => isMeant(number, one)).map((number) => askOf(number, anchors, one));
  const names = (list: Iterable<NumberSettings>) => [...list].map((number) => number.number).join(', ');
  if (asks.length === 0) {
    const [first] = numbers;
    const setting = numbers.size === 1 ? ` (set to ${first!.record ?? 'off'})` : '';
    return silent('number', `The number ${names(numbers)} does not ask to record this call${setting}.`);
  }
  const list = asks.map((ask) => ask.name).join(', ');
  return asking('number', `The number ${list} records this call for as long as its external party is in it.`, asks);
}

function isMeant(number: NumberSettings, { known }: Case): boolean {
  const isDialled = known.dialledNumbers.includes(number);
  const isPresented = known.presentedNumbers.includes(number);
  switch (number.record ?? 'off') {
    case 'off':
      return false;
    case 'all':
      return true;
    // Both at once: the part of the party is not known, and the direction must tell.
    case 'incoming':
      return isDialled && (!isPresented || known.direction === 'IN') && known.direction !== 'OUT';
    case 'outgoing':
      return isPresented && (!isDialled || known.direction === 'OUT') && known.direction !== 'IN';
  }
}

function askOf(number: NumberSettings, anchors: readonly string[], { account }: Case): Ask {
  const { id } = number;
  const name = number.name === undefined ? number.number : `${number.number} (${number.name})`;
  return { layer: 'number', id, name, scope: 'external-party', anchors, terms: termsOf(account, [number.handling]) };
}

/** Ids and numbers of the external parties; a party without a number is external to a call that came from outside. */
export function externalAnchors({ known }: Pick<Case, 'known'>): string[] {
  const isOutside = known.direction === 'IN' || known.direction === 'OUT';
  return known.parties.flatMap(({ decided }) => {
    if (decided.side !== 'external' && !(decided.side === 'unknown' && isOutside)) return [];
    return decided.number === undefined ? [decided.id] : [decided.id, decided.number];
  });
}
