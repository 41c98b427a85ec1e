import { compile, type CompiledSettings } from './compile.ts';
import { controlsOf, NO_CONTROLS } from './controls.ts';
import { identify, type Identified } from './identify.ts';
import { inheritAsks } from './inherit.ts';
import { accountLayer } from './layers/account.ts';
import type { Case, LayerAnswer } from './layers/case.ts';
import { endpointLayer } from './layers/endpoint.ts';
import { exclusionLayer, filterLayer, type Exclusion } from './layers/exclusion.ts';
import { manualLayer, usersInCall, type Manual } from './layers/manual.ts';
import { numberLayer } from './layers/number.ts';
import { overrideInForce, overrideWord } from './layers/override.ts';
import { ownerLayer } from './layers/owner.ts';
import { queueLayer } from './layers/queue.ts';
import { ruleLayer } from './layers/rule.ts';
import { flowLayer, pilotLayer } from './layers/steps.ts';
import { handlingOfUser, termsOf, uniteTerms } from './terms.ts';
import type {
  Ask,
  CallFacts,
  Decided,
  Decision,
  LayerWord,
  Override,
  PolicySettings,
  Scope,
  Terms,
  Verdict,
} from './types.ts';
import { accountViews, endpointViews, partyWords } from './view.ts';

/**
 * Whether a call is recorded, and why (D1–D11). Pure: the same facts and settings give the same decision. Without settings the call is
 * held sealed until some arrive, so that nothing is lost and nothing is kept without a reason.
 */
export function decide(facts: CallFacts, settings: CompiledSettings | PolicySettings | null): Decided {
  return decideAfter(null, facts, settings);
}

/**
 * Decides again when the parties of a call change (D11): the account, the override and a `deny` stay; what asked before goes on under its
 * scope. @param previous the decision before; of an older version: only its account is known
 */
export function redecide(
  previous: Decision,
  facts: CallFacts,
  settings: CompiledSettings | PolicySettings | null,
): Decided {
  return decideAfter(previous, facts, settings);
}

function decideAfter(
  previous: Decision | null,
  facts: CallFacts,
  settings: CompiledSettings | PolicySettings | null,
): Decided {
  const before = previous?.override ?? 'auto';
  const override = overrideInForce(facts.override, before);
  const word = overrideWord(facts.override, override, before);
  const compiled = settings === null ? null : 'settings' in settings ? settings : compile(settings);
  if (compiled === null || compiled.accounts.size === 0) return withoutSettings(previous, override, word);
  const inherited = { accountId: previous?.accountId ?? '', direction: previous?.direction ?? 'UNKNOWN' } as const;
  const known = identify(facts, compiled, inherited);
  const base = {
    ...EMPTY,
    settingsVersion: compiled.settings.version,
    override,
    direction: directionNow(previous, known),
  };
  if (known.account === null) return withoutAccount(base, known.why, word, compiled, previous);
  const one: Case = {
    facts,
    known,
    account: known.account,
    endpoints: endpointViews(facts, known),
    whole: accountViews(known),
  };
  const start = {
    ...base,
    accountId: known.account.settings.id,
    parties: known.parties.map(({ decided }) => decided),
    pauseMode: known.account.settings.pause?.mode ?? 'cut',
    resumeAfterSeconds: known.account.settings.pause?.resumeAfterSeconds ?? null,
    keepDigits: known.account.settings.keepDigits === true,
  };
  const words = [{ layer: 'identity', says: 'nothing', why: `${known.why} ${whoWords(one)}` } as const, word];
  if (override === 'deny') return denied({ ...start, layers: words }, previous);
  return override === 'auto'
    ? bySettings(one, start, words, previous)
    : byOverride(one, start, words, previous, override);
}

const EMPTY: Omit<Decided, 'settingsVersion' | 'override'> = {
  verdict: 'ignore',
  accountId: '',
  layers: [],
  scope: null,
  asks: [],
  controls: NO_CONTROLS,
  longestSeconds: null,
  format: null,
  storeId: null,
  retention: null,
  deliveries: [],
  announcement: null,
  pauseMode: 'cut',
  resumeAfterSeconds: null,
  liveKeepMinutes: null,
  keepDigits: false,
  direction: 'UNKNOWN',
  parties: [],
  owner: { kind: 'unassigned' },
  destroy: false,
};

/** A call keeps the direction that it began with (F0), unless an internal one goes outside. */
function directionNow(previous: Decision | null, known: Identified): Decided['direction'] {
  const before = previous?.direction ?? 'UNKNOWN';
  return before === 'UNKNOWN' || before === 'INTERNAL' ? known.direction : before;
}

function withoutSettings(previous: Decision | null, override: Override, word: LayerWord): Decided {
  const why = 'No settings have reached the recorder yet; the call is held sealed until they do.';
  const base = { ...EMPTY, accountId: previous?.accountId ?? '', settingsVersion: 0, override };
  if (override === 'deny') return denied({ ...base, layers: [word] }, previous);
  return { ...base, asks: previous?.asks ?? [], verdict: 'hold', layers: [{ layer: 'settings', says: 'hold', why }] };
}

/** Never lost in silence (D8): held, and listed, until an administrator's setting says that such calls are thrown away. */
function withoutAccount(
  base: Decided,
  why: string,
  word: LayerWord,
  { settings }: CompiledSettings,
  previous: Decision | null,
): Decided {
  const identity: LayerWord = { layer: 'identity', says: 'nothing', why };
  if (base.override === 'deny') return denied({ ...base, layers: [identity, word] }, previous);
  if (settings.unknownAccount === 'discard') {
    const owner: LayerWord = { layer: 'owner', says: 'ignore', why: 'Calls without an account are discarded, as set.' };
    return { ...base, verdict: 'ignore', owner: { kind: 'discard' }, layers: [identity, word, owner] };
  }
  const owner: LayerWord = {
    layer: 'owner',
    says: 'hold',
    why: 'Without an account it is held sealed and listed as unassigned.',
  };
  return { ...base, verdict: 'hold', layers: [identity, word, owner] };
}

/** Nothing else is asked; a `deny` that comes in mid-call also destroys what was captured (D2). */
function denied(base: Decided, previous: Decision | null): Decided {
  const destroy = previous !== null && (previous.destroy === true || previous.override !== 'deny');
  return { ...base, verdict: 'forbid', controls: NO_CONTROLS, asks: [], destroy };
}

function byOverride(
  one: Case,
  start: Decided,
  words: readonly LayerWord[],
  previous: Decision | null,
  override: 'force' | 'manual',
): Decided {
  const skipped: LayerWord = {
    layer: 'settings',
    says: 'nothing',
    why: `The override ${override} goes before every automatic setting.`,
  };
  const exclusion: Exclusion = { silencedBy: null, forbidsManual: false, words: [] };
  const manual = manualLayer(one, override, exclusion);
  const asks: Ask[] = [];
  if (override === 'force') {
    const terms = termsOf(one.account, handlingOfUser(one.account, one.endpoints[0]?.user));
    asks.push({ layer: 'override', id: 'force', name: 'The override force', scope: 'call', anchors: [], terms });
  }
  return finish(one, start, { asks, words: [...words, skipped, ...manual.words], manual, previous });
}

/** The layers, first to last (design: exclusions; what asks; what permits; whose it is). */
function bySettings(one: Case, start: Decided, words: readonly LayerWord[], previous: Decision | null): Decided {
  const exclusion = exclusionLayer(one);
  const filter = filterLayer(one);
  const answers: readonly LayerAnswer[] = [
    flowLayer(one),
    pilotLayer(one),
    queueLayer(one),
    accountLayer(one),
    endpointLayer(one),
    numberLayer(one),
    ruleLayer(one),
  ];
  const fresh = answers.flatMap(({ asks }) => asks);
  const inherited = inheritAsks(previous?.asks ?? [], fresh, one);
  const asks = inherited.asks.map((ask) => silence(ask, exclusion.silencedBy, filter.silencedBy));
  const manual = manualLayer(one, 'auto', exclusion);
  const all = [
    ...words,
    ...exclusion.words,
    filter.word,
    ...answers.flatMap((answer) => answer.words),
    ...inherited.words,
    ...manual.words,
  ];
  return finish(one, start, { asks, words: all, manual, previous });
}

/** What people or call flows did on purpose for this very call is not filtered by direction and traffic. */
function silence(ask: Ask, excluded: string | null, filtered: string | null): Ask {
  const isDeliberate = ask.layer === 'flow' || ask.layer === 'pilot';
  const reason = excluded ?? ask.silencedBy ?? (isDeliberate ? null : filtered);
  return reason === null || reason === undefined ? ask : { ...ask, silencedBy: reason };
}

interface Outcome {
  readonly asks: readonly Ask[];
  readonly words: readonly LayerWord[];
  readonly manual: Manual;
  readonly previous: Decision | null;
}

function finish(one: Case, start: Decided, { asks, words, manual, previous }: Outcome): Decided {
  const active = asks.filter((ask) => ask.silencedBy === undefined);
  const { owner, word } = ownerLayer(one, active, previous);
  const isForced = start.override === 'force';
  const isDiscarded = owner.kind === 'discard' && !isForced;
  const verdict: Verdict = isDiscarded
    ? 'ignore'
    : active.length > 0
      ? 'record'
      : manual.isAllowed
        ? 'offer'
        : 'ignore';
  const isHeld = verdict === 'offer' && manual.isLiveKeep;
  return {
    ...start,
    ...(uniteTerms(active) ?? manualTerms(one, manual)),
    verdict,
    asks,
    layers: [...words, word],
    scope: verdict === 'record' ? widest(active) : null,
    controls: isDiscarded ? NO_CONTROLS : controlsOf(one, verdict, manual),
    liveKeepMinutes: isHeld ? (one.account.settings.liveKeepMinutes ?? 60) : null,
    owner: owner.kind === 'discard' && isForced ? { kind: 'unassigned' } : owner,
  };
}

/** What a recording by hand would be treated like. */
function manualTerms(one: Case, { rules }: Manual): Terms {
  const user = one.account.users.get(usersInCall(one)[0] ?? '');
  const asRule = rules.map(({ compiled: { rule } }): Ask => {
    const terms = termsOf(one.account, [rule.handling, ...handlingOfUser(one.account, user)]);
    return { layer: 'rule', id: rule.id, name: rule.description, scope: 'call', anchors: [], terms };
  });
  return uniteTerms(asRule) ?? termsOf(one.account, handlingOfUser(one.account, user));
}

function widest(active: readonly Ask[]): Scope {
  const scopes = new Set(active.map((ask) => ask.scope));
  return scopes.has('call') ? 'call' : scopes.has('external-party') ? 'external-party' : 'endpoint';
}

const BY_WORDS = {
  'numeric-user-id': 'numeric user id',
  'partition-id': 'numeric partition id',
  device: 'device',
  'pbx-user': 'PBX user name',
  agent: 'agent id',
  extension: 'extension',
  alias: 'number alias',
  'device-name': 'device name',
} as const;

function whoWords({ known, account }: Case): string {
  const parties = known.parties.map((party) => {
    const { by, side, candidates } = party.decided;
    if (by !== undefined) return `${partyWords(party)} is known by ${BY_WORDS[by]}`;
    if (candidates !== undefined) {
      const names = candidates.slice(0, 3).map((id) => account.users.get(id)?.name ?? id);
      return `${partyWords(party)} may be ${names.join(' or ')}, and nothing tells them apart`;
    }
    return side === 'internal'
      ? `${partyWords(party)} is internal`
      : `${partyWords(party)} is ${side === 'unknown' ? 'not known' : 'external'}`;
  });
  return parties.length === 0 ? 'Nobody is named in it.' : `${parties.join('; ')}.`;
}
