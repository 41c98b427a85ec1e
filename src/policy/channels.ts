import type { PartyFacts } from './types.ts';

/** What is known of a call's streams and parties at one moment. A call's history is a list of these, oldest first. */
export interface ChannelMoment {
  readonly parties: readonly PartyFacts[];
  readonly streams: readonly ChannelStream[];
}

export interface ChannelStream {
  /** Number within the call, from 0, never used twice. */
  readonly stream: number;
  readonly label: string;
  /** Ids of the parties who speak on it at this moment. */
  readonly speakers: readonly string[];
  /** Absent counts as active. */
  readonly state?: 'active' | 'held' | 'removed';
}

/** A channel of the recording: which streams it is made of and who is heard on it, in the order of their coming. */
export interface Channel {
  /** 0 = left. */
  readonly channel: number;
  readonly streams: readonly number[];
  readonly partyIds: readonly string[];
}

interface Track {
  readonly streams: number[];
  readonly label: string;
  /** Position of the moment in which it came. */
  readonly moment: number;
  readonly partyIds: string[];
  role: 'caller' | 'callee' | undefined;
}

/**
 * Lays the streams of a call out on channels: caller left, callee right; nothing known: in the order of labels; everybody else
 * behind them. A stream stays on its channel for the whole call, so a party's successor on the same stream (a transfer) keeps the
 * channel, and a mixed stream is one channel. A party whose stream was replaced by another one stays on its channel as long as both
 * were never there at once, so that no two sounds ever meet on one channel.
 */
export function channelPlan(history: readonly ChannelMoment[]): Channel[] {
  const tracks: Track[] = [];
  const live = liveTogether(history);
  for (const [index, moment] of history.entries()) {
    const roles = new Map(moment.parties.map((party) => [party.id, party.role]));
    for (const stream of moment.streams) {
      const track = trackOf(stream, index, tracks, live);
      for (const id of stream.speakers) if (!track.partyIds.includes(id)) track.partyIds.push(id);
      track.role ??= roleOf(stream, roles);
    }
  }
  return inOrder(tracks).map((track, channel) => ({ channel, streams: track.streams, partyIds: track.partyIds }));
}

function trackOf(stream: ChannelStream, moment: number, tracks: Track[], live: Map<number, Set<number>>): Track {
  const known = tracks.find((track) => track.streams.includes(stream.stream));
  if (known !== undefined) return known;
  const [speaker] = stream.speakers;
  const earlier = tracks.find(
    (track) =>
      speaker !== undefined &&
      stream.speakers.length === 1 &&
      track.partyIds.at(-1) === speaker &&
      track.streams.every((other) => live.get(stream.stream)?.has(other) !== true),
  );
  if (earlier !== undefined) {
    earlier.streams.push(stream.stream);
    return earlier;
  }
  const track: Track = { streams: [stream.stream], label: stream.label, moment, partyIds: [], role: undefined };
  tracks.push(track);
  return track;
}

/** For each stream, those that were there at the same moment. */
function liveTogether(history: readonly ChannelMoment[]): Map<number, Set<number>> {
  const together = new Map<number, Set<number>>();
  for (const moment of history) {
    const here = moment.streams.filter((one) => one.state !== 'removed').map((one) => one.stream);
    for (const stream of here) {
      const others = together.get(stream) ?? new Set<number>();
      for (const other of here) others.add(other);
      together.set(stream, others);
    }
  }
  return together;
}

/** A stream has the part of its speaker; a mixed one, on which caller and callee are both heard, has none. */
function roleOf(stream: ChannelStream, roles: ReadonlyMap<string, PartyFacts['role']>): PartyFacts['role'] {
  const heard = new Set(stream.speakers.flatMap((id) => roles.get(id) ?? []));
  return heard.size === 1 ? [...heard][0] : undefined;
}

/** In the order of coming, then of labels; caller first, callee second, then the others. Where one of the two is not known, the first of the others takes its place. */
function inOrder(tracks: readonly Track[]): Track[] {
  const all = [...tracks].sort(
    (a, b) => a.moment - b.moment || compareLabels(a.label, b.label) || a.streams[0]! - b.streams[0]!,
  );
  const caller = all.find((track) => track.role === 'caller');
  const callee = all.find((track) => track.role === 'callee');
  const others = all.filter((track) => track !== caller && track !== callee);
  const left = caller ?? others.shift();
  const right = callee ?? others.shift();
  return [left, right, ...others].filter((track) => track !== undefined);
}

/** Numbers by value, everything else by code unit. */
function compareLabels(a: string, b: string): number {
  const numeric = /^\d+$/.test(a) && /^\d+$/.test(b);
  if (numeric) return Number(a) - Number(b);
  return a < b ? -1 : a > b ? 1 : 0;
}
