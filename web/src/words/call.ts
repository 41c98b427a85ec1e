import type { Direction, Verdict } from '../api/types.ts';

export const DIRECTIONS: readonly Direction[] = ['IN', 'OUT', 'INTERNAL', 'DIALIN', 'UNKNOWN'];

export const DIRECTION_WORDS: Readonly<Record<Direction, string>> = {
  IN: 'Incoming',
  OUT: 'Outgoing',
  INTERNAL: 'Internal',
  DIALIN: 'Dial-in',
  UNKNOWN: 'Unknown',
};

interface Speaker {
  readonly name: string | null;
  readonly number: string | null;
  readonly aor: string | null;
}

/** What a party is called first, and what stands beneath: name and number, or only one of them. */
export function partyLines(party: Speaker | undefined): { readonly main: string; readonly sub: string | null } {
  if (party === undefined) return { main: 'Unknown', sub: null };
  const number = party.number ?? party.aor?.replace(/^sips?:/, '') ?? null;
  if (party.name !== null && party.name !== '') return { main: party.name, sub: number === party.name ? null : number };
  return { main: number ?? 'Unknown', sub: null };
}

export const partyName = (party: Speaker | undefined): string => partyLines(party).main;

interface WithRole {
  readonly role: 'caller' | 'callee' | 'unknown';
}

/** Caller and callee as far as they are known; else the first two in their order. */
export function twoSides<T extends WithRole>(
  parties: readonly T[],
): { caller: T | undefined; callee: T | undefined; more: number } {
  const caller = parties.find(({ role }) => role === 'caller') ?? parties.find(({ role }) => role === 'unknown');
  const callee =
    parties.find((party) => party !== caller && party.role === 'callee') ?? parties.find((party) => party !== caller);
  return { caller, callee, more: Math.max(0, parties.length - 2) };
}

const END_WORDS: Readonly<Record<string, string>> = {
  bye: 'The call was hung up.',
  silence: 'Closed because nothing arrived any more.',
  'max-age': 'Closed after the longest allowed time.',
  'session-expired': 'The session timer ran out.',
  shutdown: 'The recorder was stopped.',
  lost: 'The recorder lost the call without a goodbye.',
  refused: 'Recording was refused.',
};

export const endWords = (reason: string): string => END_WORDS[reason] ?? `Ended: ${reason}.`;

export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  record: 'Record',
  offer: 'May be recorded by hand',
  ignore: 'Do not record',
  forbid: 'Must not be recorded',
  hold: 'Hold until decided',
};

export const saysWords = (says: Verdict | 'nothing'): string => (says === 'nothing' ? 'No word' : VERDICT_WORDS[says]);

const LAYER_WORDS: Readonly<Record<string, string>> = {
  'record-all': 'Record all calls',
  identity: 'Who is who',
  override: 'Override for this call',
  exclusion: 'Exclusions',
  filter: 'Filter',
  flow: 'Call flow',
  pilot: 'Pilot number',
  queue: 'Queue',
  account: 'Entire account',
  endpoint: 'User or device',
  number: 'Number',
  rule: 'Rule',
  manual: 'By hand',
  owner: 'Whose it is',
  settings: 'Settings',
  transfer: 'From before the transfer',
};

export const layerWords = (layer: string): string => LAYER_WORDS[layer] ?? fromCode(layer);

const EVENT_WORDS: Readonly<Record<string, string>> = {
  'party-joined': 'Joined',
  'party-left': 'Left',
  decision: 'Decision',
  metadata: 'Metadata',
  'capture-gap': 'Gap',
  restart: 'Recorder restarted',
  held: 'Held',
  resumed: 'Resumed',
};

export const eventWords = (type: string): string => EVENT_WORDS[type] ?? fromCode(type);

/** `stream-added` → Stream added. */
export function fromCode(code: string): string {
  const text = code.replaceAll(/[-_.]+/g, ' ').trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const PROTOCOL_WORDS: Readonly<Record<string, string>> = { siprec: 'SIPREC' };
export const protocolWords = (protocol: string): string => PROTOCOL_WORDS[protocol] ?? protocol;

const CODEC_WORDS: Readonly<Record<string, string>> = {
  PCMU: 'G.711 µ-law',
  PCMA: 'G.711 A-law',
  G722: 'G.722',
  opus: 'Opus',
};

/** `PCMA+PCMU` → G.711 A-law + G.711 µ-law. */
export function codecWords(codec: string): string {
  if (codec === '') return 'None';
  return codec
    .split('+')
    .map((name) => CODEC_WORDS[name] ?? name)
    .join(' + ');
}
