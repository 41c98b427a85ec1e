import { handlingOfUser, termsOf } from '../terms.ts';
import type { AccountSettings, Ask, DeviceSettings, LayerWord, UserSettings } from '../types.ts';
import { cellsOf, cellWords, partyWords, viewWords, type Cell, type View } from '../view.ts';
import { silent, type Case, type LayerAnswer } from './case.ts';
import { filteredBy } from './exclusion.ts';

/** What a cell says for an endpoint and which level said it (D4). */
export interface EndpointValue {
  readonly value: 'on' | 'off';
  readonly level: 'device' | 'user' | 'account';
  /** Set by the user himself. */
  readonly isOwn: boolean;
}

/** Device beats user beats account default; a person's own setting beats the administrator's on the same level, where it is allowed. */
export function endpointValue(
  cell: Cell,
  { device, user }: { readonly device: DeviceSettings | undefined; readonly user: UserSettings | undefined },
  account: { readonly settings: Pick<AccountSettings, 'endpoints' | 'usersMaySet'> },
): EndpointValue {
  const mayOwn = account.settings.usersMaySet !== false;
  for (const [level, endpoint] of [
    ['device', device],
    ['user', user],
  ] as const) {
    const own = mayOwn ? endpoint?.own?.[cell] : undefined;
    const value = own ?? endpoint?.endpoints?.[cell];
    if (value !== undefined) return { value, level, isOwn: own !== undefined };
  }
  return { value: account.settings.endpoints?.[cell] ?? 'off', level: 'account', isOwn: false };
}

/** Users and devices, each for itself. An `off` silences only this layer, and only for its own endpoint. */
export function endpointLayer(one: Case): LayerAnswer {
  if (one.endpoints.length === 0) return silent('endpoint', 'No party is a known user or device.');
  const answers = one.endpoints.map((view) => answerOf(view, one));
  return { words: answers.map(({ word }) => word), asks: answers.flatMap(({ ask }) => ask ?? []) };
}

function answerOf(view: View, one: Case): { word: LayerWord; ask?: Ask } {
  const cells = cellsOf(view);
  const values = cells.map((cell) => endpointValue(cell, view, one.account));
  const [first] = values;
  const party = view.party!;
  if (first === undefined || values.some(({ value }) => value !== first.value)) {
    const why = `${partyWords(party)}: it is ${viewWords(view)}, and the settings differ for what it may be, so this layer does not ask.`;
    return { word: { layer: 'endpoint', says: 'nothing', why } };
  }
  const origin = originWords(first, view, one);
  if (first.value === 'off') {
    const why = `${partyWords(party)}: recording of ${cellWords(cells)} is off, ${origin}.`;
    return { word: { layer: 'endpoint', says: 'nothing', why } };
  }
  const silencedBy = filteredBy(view, one);
  const why = `${partyWords(party)}: recording of ${cellWords(cells)} is on, ${origin}.`;
  const word: LayerWord = { layer: 'endpoint', says: silencedBy === null ? 'record' : 'nothing', why };
  return { word, ask: askOf(view, one, silencedBy) };
}

function askOf({ party, user, device }: View, { account }: Case, silencedBy: string | null): Ask {
  return {
    layer: 'endpoint',
    id: device?.id ?? user!.id,
    name: user?.name ?? device!.name,
    scope: 'endpoint',
    anchors: [party!.decided.id],
    ...(silencedBy === null ? {} : { silencedBy }),
    terms: termsOf(account, [device?.handling, ...handlingOfUser(account, user)]),
  };
}

function originWords({ level, isOwn }: EndpointValue, { user, device }: View, { account }: Case): string {
  if (level === 'account') return `by the default of account ${account.settings.name}`;
  const by = isOwn ? 'as the user set it' : 'as set';
  return level === 'device' ? `${by} for the device ${device!.name}` : `${by} for the user ${user!.name}`;
}
