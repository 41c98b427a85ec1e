import type { StreamFacts } from '../../types.ts';
import type { Metadata } from '../metadata/types.ts';
import type { KnownParty } from './parties.ts';

/** A stream as the session description tells it; who speaks on it is not known yet. */
export type SignalledStream = Omit<StreamFacts, 'speakers'> & {
  /** Whether the label was given (`a=label`) or made from the position. */
  readonly labelled: boolean;
};

export interface Assigned {
  readonly streams: StreamFacts[];
  readonly warnings: string[];
}

/**
 * Ties the parties to the m-lines: party → stream by association, stream → m-line by label, never by the label's value. Only when the
 * session description has no labels at all and as many m-lines as the metadata has streams, the order counts, with a warning.
 */
export function assignSpeakers(
  signalled: readonly SignalledStream[],
  metadata: Metadata,
  parties: readonly KnownParty[],
): Assigned {
  const warnings: string[] = [];
  const unlabelled = signalled.length > 0 && signalled.every((one) => !one.labelled);
  const byOrder = unlabelled && signalled.length === metadata.streams.length;
  if (byOrder)
    warnings.push('The session description has no labels; its streams are taken in the order of the metadata.');
  const streams = signalled.map((one, position) => {
    const { labelled, ...facts } = one;
    const described = byOrder ? [position] : labelled ? streamsOf(one.label, metadata) : [];
    if (described.length === 0 && metadata.streams.length > 0 && one.state !== 'removed') {
      warnings.push(`Nothing in the metadata belongs to the stream with label ${one.label}.`);
    }
    return { ...facts, speakers: speakersOf(described, metadata, parties) };
  });
  return { streams, warnings: byOrder ? warnings : [...warnings, ...labelsWithoutStream(signalled, metadata)] };
}

/** Positions in `metadata.streams` that describe the m-line. */
function streamsOf(label: string, metadata: Metadata): number[] {
  return metadata.streams.flatMap((one, index) => (sameLabel(one.label, label) ? [index] : []));
}

/** Labels are tokens (RFC 4574), but some clients pad numbers on one side only. */
function sameLabel(a: string | undefined, b: string): boolean {
  if (a === undefined) return false;
  if (a === b) return true;
  return /^\d+$/.test(a) && /^\d+$/.test(b) && a.replace(/^0+(?=\d)/, '') === b.replace(/^0+(?=\d)/, '');
}

function speakersOf(described: readonly number[], metadata: Metadata, parties: readonly KnownParty[]): string[] {
  const ids = described.map((index) => metadata.streams[index]?.id ?? '');
  // An empty id names a stream only when no other stream is nameless.
  const clear = ids.filter((id) => metadata.streams.filter((one) => one.id === id).length === 1);
  return parties
    .filter(({ participant }) => clear.some((id) => sendsOn(metadata, participant, id)))
    .map((one) => one.facts.id);
}

function sendsOn(metadata: Metadata, participant: number, streamId: string): boolean {
  const id = metadata.participants[participant]?.id;
  // Parties without an id of their own cannot be told apart by an association.
  if (id === undefined || metadata.participants.filter((one) => one.id === id).length > 1) return false;
  return metadata.associations.some(
    (one) => one.participantId === id && one.endedAt === undefined && one.send.includes(streamId),
  );
}

function labelsWithoutStream(signalled: readonly SignalledStream[], metadata: Metadata): string[] {
  const labels = signalled.filter((one) => one.labelled).map((one) => one.label);
  if (signalled.length === 0) return [];
  return metadata.streams
    .filter((one) => one.label !== undefined && !labels.some((label) => sameLabel(one.label, label)))
    .slice(0, 4)
    .map((one) => `The metadata names label ${one.label}, for which the session description has no audio stream.`);
}
