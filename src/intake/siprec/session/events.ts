import type { PartyFacts } from '../../../policy/types.ts';
import type { SessionFacts, StreamFacts } from '../../types.ts';
import type { SessionEvent } from './types.ts';

/** What happened between two descriptions of a session, in sentences for its timeline. */
export function speakersDiff(previous: SessionFacts, next: SessionFacts): SessionEvent[] {
  return [...partyEvents(previous, next), ...streamEvents(previous, next)];
}

function partyEvents(previous: SessionFacts, next: SessionFacts): SessionEvent[] {
  const before = new Set(previous.call.parties.map((party) => party.id));
  const after = new Set(next.call.parties.map((party) => party.id));
  const left = previous.call.parties.filter((party) => !after.has(party.id) && isKnown(party));
  const joined = next.call.parties.filter((party) => !before.has(party.id) && isKnown(party));
  return [
    ...left.map((party) => ({ type: 'party-left' as const, text: `${nameOf(party)} left the call.` })),
    ...joined.map((party) => ({ type: 'party-joined' as const, text: `${nameOf(party)} joined the call.` })),
  ];
}

function streamEvents(previous: SessionFacts, next: SessionFacts): SessionEvent[] {
  const before = new Map(previous.streams.map((stream) => [stream.index, stream]));
  return next.streams.flatMap((stream) => {
    const type = streamEvent(before.get(stream.index), stream);
    return type === undefined ? [] : [{ type, text: `${streamName(stream, next)} ${STREAM_TEXT[type]}.` }];
  });
}

const STREAM_TEXT = {
  'stream-added': 'was added',
  'stream-held': 'was put on hold',
  'stream-resumed': 'goes on',
  'stream-removed': 'was removed',
} as const;

function streamEvent(before: StreamFacts | undefined, now: StreamFacts): keyof typeof STREAM_TEXT | undefined {
  if (before === undefined || before.state === 'removed') return now.state === 'removed' ? undefined : 'stream-added';
  if (before.state === now.state) return undefined;
  if (now.state === 'removed') return 'stream-removed';
  return now.state === 'held' ? 'stream-held' : 'stream-resumed';
}

/** Stand-ins for somebody of whom nothing is told come and go without a word. */
function isKnown(party: PartyFacts): boolean {
  return party.name !== undefined || party.number !== undefined || party.aor !== undefined;
}

/** `Bob (2002)`, or what is known of the two. */
export function nameOf(party: PartyFacts): string {
  const { name, number, aor } = party;
  if (name !== undefined && number !== undefined && name !== number) return `${name} (${number})`;
  return name ?? number ?? aor ?? 'An unknown party';
}

function streamName(stream: StreamFacts, facts: SessionFacts): string {
  const speakers = facts.call.parties.filter((party) => stream.speakers.includes(party.id) && isKnown(party));
  if (speakers.length === 0) return `Stream ${stream.label}`;
  return `Stream ${stream.label} (${speakers.slice(0, 3).map(nameOf).join(', ')})`;
}
