import type { PartyFacts } from '../../../policy/types.ts';
import type { Headers } from '../../../sip/headers.ts';
import type { Metadata, MetadataParticipant } from '../metadata/types.ts';
import { cleanText } from '../text.ts';
import { type Address, readAddress, userOf } from './address.ts';
import type { PartyWord, VendorWord } from './vendor.ts';

/** A party of the call and the position of its participant in the metadata. */
export interface KnownParty {
  readonly participant: number;
  readonly facts: PartyFacts;
}

const LIMIT = 64;

/** Those who are in the call now, as the metadata and the vendor's own data tell. */
export function partiesOf(metadata: Metadata, words: readonly VendorWord[]): KnownParty[] {
  const used = new Map<string, number>();
  const known = metadata.participants.map((participant, index) => ({
    participant: index,
    left: hasLeft(metadata, participant),
    facts: partyFacts(participant, partyWord(words, index), partyId(participant.id, used)),
    absent: words.some((word) => word.parties?.get(index)?.absent === true),
  }));
  return known.filter((one) => !one.left && !one.absent).slice(0, LIMIT);
}

/** Ids may be empty or repeated; a number behind them keeps them apart, the same in every update that lists them in the same order. */
function partyId(id: string, used: Map<string, number>): string {
  const name = id === '' ? 'party' : id;
  const count = (used.get(name) ?? 0) + 1;
  used.set(name, count);
  return id !== '' && count === 1 ? id : `${name}-${count}`;
}

function partyWord(words: readonly VendorWord[], index: number): PartyWord {
  const found = words.flatMap((word) => word.parties?.get(index) ?? []);
  const merged: { -readonly [Key in keyof PartyWord]: PartyWord[Key] } = {};
  // The first vendor that says a thing is believed.
  for (const word of found.toReversed()) Object.assign(merged, word);
  return merged;
}

function partyFacts(participant: MetadataParticipant, word: PartyWord, id: string): PartyFacts {
  const telephone = participant.aors.find((aor) => /^\+?[\d().-]{3,}$/.test(userOf(aor)));
  const address = readAddress(telephone ?? participant.aors[0] ?? '');
  const name = word.name ?? participant.name ?? address.name;
  const number = word.number ?? address.number;
  return {
    id,
    ...(name === undefined ? {} : { name: cleanText(name) }),
    ...(number === undefined ? {} : { number: cleanText(number) }),
    ...(address.aor === undefined ? {} : { aor: address.aor }),
    ...(word.role === undefined ? {} : { role: word.role }),
    ...known('user', word.user),
    ...known('device', word.device),
    ...known('agent', word.agent),
  };
}

/** Left every session that it was in, or every session that it is in is over (RFC 7865 §6.3, §6.5). */
function hasLeft(metadata: Metadata, participant: MetadataParticipant): boolean {
  if (participant.leftAt !== undefined) return true;
  const over = (sessionId: string): boolean =>
    metadata.sessions.some((one) => one.id === sessionId && one.stoppedAt !== undefined);
  const memberships = metadata.memberships.filter((one) => one.participantId === participant.id);
  if (memberships.length > 0) return memberships.every((one) => one.leftAt !== undefined || over(one.sessionId));
  return participant.sessionId !== '' && over(participant.sessionId);
}

/** Users that name a machine of the recording or nobody, not a person in the call. */
const NOBODY =
  /^(anonymous|unknown|unavailable|restricted|private|siprec|srs|src|record(er|ing)?([-_ ]?server)?|opensips|kamailio|rtpengine|freeswitch|asterisk|dummy)$/i;

/**
 * Without metadata: the ends that the recording session's own headers name, where they mean people. `To` is the recorder when it equals the
 * Request-URI, and both are when `From` equals `To`.
 */
export function partiesFromHeaders(headers: Headers, requestUri: string): PartyFacts[] {
  const asserted = headers.get('P-Asserted-Identity') ?? headers.get('Remote-Party-ID');
  const from = readAddress(headers.get('From') ?? '');
  const to = readAddress(headers.get('To') ?? '');
  if (from.number === to.number) return [];
  const caller = asserted === undefined ? from : { ...from, ...readAddress(asserted) };
  const toRecorder = to.number === readAddress(requestUri).number;
  return [
    ...(isPerson(caller) ? [{ id: 'from', ...caller, role: 'caller' as const }] : []),
    ...(isPerson(to) && !toRecorder ? [{ id: 'to', ...to, role: 'callee' as const }] : []),
  ];
}

function isPerson(address: Address): boolean {
  return address.number !== undefined && !NOBODY.test(address.number);
}

/** Ids by which the directory may know the party (D8). */
function known(key: 'user' | 'device' | 'agent', text: string | undefined): Partial<PartyFacts> {
  const clean = cleanText(text ?? '', 128);
  return clean === '' ? {} : { [key]: clean };
}
