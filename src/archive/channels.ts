import type { ChannelPlan, StreamCodecs } from '../audio/types.ts';
import type { CallState } from '../link/fold.ts';
import type { JournalCodec, JournalStream } from '../link/journal.ts';
import type { PartyFacts } from '../policy/types.ts';

type Role = 'caller' | 'callee' | 'unknown';

/** A party as the recording shows it. */
export interface PlannedParty {
  readonly party: PartyFacts;
  readonly role: Role;
  /** Channel it speaks on, null = none. */
  readonly channel: number | null;
}

export interface Plan {
  readonly channels: readonly ChannelPlan[];
  readonly codecs: readonly StreamCodecs[];
  /** In the order of their channels. */
  readonly parties: readonly PlannedParty[];
}

interface Channel {
  readonly streams: JournalStream[];
  readonly speakers: Set<string>;
}

/**
 * Who is heard where: caller left, callee right, without roles in the order of the labels. A party that comes on a further stream stays on
 * its channel; a party whose stream took the place of a removed one takes that one's channel; others get channels of their own.
 */
export function planChannels(call: CallState): Plan {
  const parties = partiesOf(call);
  const roles = new Map<string, Role>(parties.map(({ id, role }) => [id, role ?? 'unknown']));
  const streams = [...call.streams.values()].filter(({ rtpPort }) => rtpPort !== 0);
  const channels = group(streams);
  channels.sort((a, b) => rank(a, roles) - rank(b, roles) || compareLabels(a, b));
  const split = channels.length === 1 && hasTwoChannels(channels[0]) ? [channels[0]!, channels[0]!] : channels;
  const plans = split.map((channel, index) => ({
    channel: index,
    name: nameOf(channel, index, split.length, parties),
    streams: channel.streams.map(({ stream }) => stream),
  }));
  return {
    channels: plans,
    codecs: streams.map(({ stream, codecs }) => ({ stream, codecs })),
    parties: placed(parties, split, channels.length < split.length),
  };
}

/** Every party that ever was, with what was last known of it, in the order of coming. */
function partiesOf(call: CallState): PartyFacts[] {
  const parties = new Map<string, PartyFacts>();
  for (const { facts } of call.history) {
    for (const party of facts.parties) parties.set(party.id, { ...parties.get(party.id), ...party });
  }
  return [...parties.values()];
}

function group(streams: readonly JournalStream[]): Channel[] {
  const channels: Channel[] = [];
  for (const stream of streams.toSorted((a, b) => a.stream - b.stream)) {
    const known =
      channels.find(({ speakers }) => stream.speakers.length > 0 && stream.speakers.every((id) => speakers.has(id))) ??
      (channels.length < 2
        ? undefined
        : channels.find(({ streams: all }) => all.every(({ state }) => state === 'removed')));
    const channel = known ?? { streams: [], speakers: new Set<string>() };
    if (known === undefined) channels.push(channel);
    channel.streams.push(stream);
    for (const id of stream.speakers) channel.speakers.add(id);
  }
  return channels;
}

function rank(channel: Channel, roles: ReadonlyMap<string, Role>): number {
  const heard = new Set([...channel.speakers].map((id) => roles.get(id)));
  if (heard.has('caller') === heard.has('callee')) return 1;
  return heard.has('caller') ? 0 : 2;
}

/** Labels that are numbers count as such: 2 comes before 10. */
function compareLabels(a: Channel, b: Channel): number {
  const [left, right] = [a.streams[0]!, b.streams[0]!];
  return left.label.localeCompare(right.label, 'en', { numeric: true }) || left.stream - right.stream;
}

/** Opus always says two (RFC 7587 §7); that tells nothing. */
function hasTwoChannels(channel: Channel | undefined): boolean {
  const isPair = ({ name, channels }: JournalCodec): boolean => channels === 2 && name !== 'OPUS';
  return channel?.streams.every(({ codecs }) => codecs.some(isPair)) ?? false;
}

function nameOf(channel: Channel, index: number, count: number, parties: readonly PartyFacts[]): string {
  const speakers = parties.filter(({ id }) => channel.speakers.has(id));
  const own = speakers.length === count ? speakers.slice(index, index + 1) : speakers;
  const names = own.map(({ name, number, aor, id }) => name ?? number ?? aor ?? id);
  return names.length > 0 ? names.join(', ') : (channel.streams[0]?.label ?? String(index));
}

/** `inTurn`: one stream with two channels; its speakers are taken to be left and right in their order. */
function placed(parties: readonly PartyFacts[], channels: readonly Channel[], inTurn: boolean): PlannedParty[] {
  const all = parties.map((party, order): PlannedParty => {
    const found = channels.findIndex(({ speakers }) => speakers.has(party.id));
    const channel = found >= 0 && inTurn ? Math.min(order, channels.length - 1) : found;
    return { party, role: party.role ?? 'unknown', channel: channel < 0 ? null : channel };
  });
  return all.toSorted((a, b) => (a.channel ?? 1e9) - (b.channel ?? 1e9));
}
