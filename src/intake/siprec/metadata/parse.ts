import { cleanId, cleanText } from '../text.ts';
import { child, childrenOf, collectExtensions, idOf, idsIn, textOf, timeIn } from './elements.ts';
import type {
  ExtensionValue,
  Membership,
  Metadata,
  MetadataGroup,
  MetadataParticipant,
  MetadataSession,
  MetadataStream,
  StreamAssociation,
} from './types.ts';
import { readXml, type XmlElement } from './xml.ts';

export interface MetadataReading {
  /** Undefined when nothing of it could be read. */
  readonly metadata?: Metadata;
  /** Why it could not be read, or not to its end; a clause in plain words. */
  readonly fault?: string;
}

/** How many of a kind are taken; more than that is no call. */
const LIMIT = 128;

interface Draft {
  mode: 'complete' | 'partial';
  groups: MetadataGroup[];
  sessions: MetadataSession[];
  participants: MetadataParticipant[];
  streams: MetadataStream[];
  memberships: Membership[];
  associations: StreamAssociation[];
  extensions: ExtensionValue[];
}

/**
 * Reads recording metadata (RFC 7865) with the tolerance of the field: any root form, prefix or namespace, old attribute names, all
 * forms of association. Never throws: what cannot be read is told in `fault`, and the caller keeps the bytes.
 */
export function parseMetadata(bytes: Buffer): MetadataReading {
  const { root, fault } = readXml(bytes);
  const recording = root === undefined ? undefined : findRecording(root, 3);
  if (recording === undefined) return { fault: fault ?? 'it is not recording metadata' };
  const draft: Draft = {
    mode: 'complete',
    groups: [],
    sessions: [],
    participants: [],
    streams: [],
    memberships: [],
    associations: [],
    extensions: [],
  };
  for (const element of recording.children) readTopLevel(element, draft);
  draft.extensions = draft.extensions.map((value) => settleOwner(value, draft));
  const cut = cutToLimit(draft);
  const told = fault ?? (cut ? `it names more than ${LIMIT} of a kind` : undefined);
  return told === undefined ? { metadata: draft } : { metadata: draft, fault: told };
}

const OBJECTS = new Set([
  'participant',
  'stream',
  'session',
  'datamode',
  'participantstreamassoc',
  'participantsessionassoc',
]);

/**
 * `recording` (RFC 7865, any namespace), `recording_metadata` (drafts), or any element that holds the objects themselves. In
 * `recording_metadata` a `recording` child is only a description, so the outermost element that holds objects wins.
 */
function findRecording(element: XmlElement, depth: number): XmlElement | undefined {
  if (element.children.some((one) => OBJECTS.has(one.name.toLowerCase()))) return element;
  if (depth > 0) {
    for (const inner of element.children) {
      const found = findRecording(inner, depth - 1);
      if (found !== undefined) return found;
    }
  }
  const name = element.name.toLowerCase();
  return name === 'recording' || name === 'recording_metadata' ? element : undefined;
}

function readTopLevel(element: XmlElement, draft: Draft): void {
  switch (element.name.toLowerCase()) {
    case 'datamode':
      draft.mode = element.text.trim().toLowerCase() === 'partial' ? 'partial' : 'complete';
      return;
    case 'group':
      return readGroup(element, draft);
    case 'session':
      return readSession(element, draft);
    case 'participant':
      return readParticipant(element, draft);
    case 'stream':
      return readStream(element, draft);
    case 'sessionrecordingassoc':
      return readSessionEnd(element, draft);
    case 'participantsessionassoc':
      draft.memberships.push(readMembership(element));
      return;
    case 'participantstreamassoc':
      draft.associations.push(
        readAssociation(element, idOf(element, 'participant_id', 'participant', 'participantid', 'id')),
      );
      return;
    default:
      collectExtensions(element, 'recording', idOf(element, 'parent'), draft.extensions);
  }
}

const TIMES = ['associate-time', 'disassociate-time', 'start-time', 'stop-time', 'end-time', 'time'];

/** Whatever stands in an object and is not RFC 7865's own is kept as extension data. */
function keepRest(
  element: XmlElement,
  owner: ExtensionValue['owner'],
  id: string,
  known: string[],
  draft: Draft,
): void {
  for (const inner of element.children) {
    const name = inner.name.toLowerCase();
    if (!known.includes(name) && !TIMES.includes(name)) collectExtensions(inner, owner, id, draft.extensions);
  }
}

function readGroup(element: XmlElement, draft: Draft): void {
  const id = idOf(element, 'group_id', 'id', 'groupid');
  draft.groups.push({ id });
  keepRest(element, 'group', id, [], draft);
}

function readSession(element: XmlElement, draft: Draft): void {
  const id = idOf(element, 'session_id', 'id', 'sessionid');
  const groupId = textOf(child(element, 'group-ref', 'group_ref')) ?? idOf(element, 'group_id', 'group');
  const startedAt = timeIn(element, 'start-time', 'associate-time');
  const stoppedAt = timeIn(element, 'stop-time', 'end-time', 'disassociate-time');
  draft.sessions.push({
    id,
    sipSessionIds: childrenOf(element, 'sipsessionid').flatMap((one) => textOf(one) ?? []),
    ...(groupId === '' ? {} : { groupId: cleanId(groupId) }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(stoppedAt === undefined ? {} : { stoppedAt }),
  });
  keepRest(element, 'session', id, ['sipsessionid', 'group-ref', 'group_ref'], draft);
}

function readParticipant(element: XmlElement, draft: Draft): void {
  const id = idOf(element, 'participant_id', 'id', 'participantid');
  const names = childrenOf(element, 'nameid');
  const aors = [
    ...names.flatMap((one) => [one.attributes.get('aor'), textOf(child(one, 'aor'))]),
    element.attributes.get('aor'),
    ...childrenOf(element, 'aor').map((one) => textOf(one)),
  ];
  const name = [...names.flatMap((one) => childrenOf(one, 'name')), ...childrenOf(element, 'name')]
    .map((one) => textOf(one))
    .find((text) => text !== undefined);
  draft.participants.push({
    id,
    sessionId: idOf(element, 'session_id', 'session', 'sessionid'),
    aors: aors.flatMap((aor) => (aor === undefined ? [] : [cleanText(aor)])).filter((aor) => aor !== ''),
    ...(name === undefined ? {} : { name }),
    ...membershipTimes(element),
  });
  if (child(element, 'send', 'recv') !== undefined) draft.associations.push(readAssociation(element, id));
  keepRest(element, 'participant', id, ['nameid', 'aor', 'name', 'send', 'recv'], draft);
}

function readStream(element: XmlElement, draft: Draft): void {
  const id = idOf(element, 'stream_id', 'id', 'streamid');
  const label = textOf(child(element, 'label')) ?? element.attributes.get('label')?.trim();
  draft.streams.push({
    id,
    sessionId: idOf(element, 'session_id', 'session', 'sessionid'),
    ...(label === undefined || label === '' ? {} : { label: cleanText(label) }),
  });
  keepRest(element, 'stream', id, ['label', 'mode'], draft);
}

/** A session taken out of the recording has ended for us (RFC 7865 §6.3). */
function readSessionEnd(element: XmlElement, draft: Draft): void {
  const id = idOf(element, 'session_id', 'session', 'sessionid', 'id');
  const { leftAt } = membershipTimes(element);
  if (leftAt === undefined) return;
  draft.sessions = draft.sessions.map((one) => (one.id === id ? { ...one, stoppedAt: one.stoppedAt ?? leftAt } : one));
  if (!draft.sessions.some((one) => one.id === id)) draft.sessions.push({ id, sipSessionIds: [], stoppedAt: leftAt });
}

function readMembership(element: XmlElement): Membership {
  return {
    participantId: idOf(element, 'participant_id', 'participant', 'participantid'),
    sessionId: idOf(element, 'session_id', 'session', 'sessionid'),
    ...membershipTimes(element),
  };
}

/** A `disassociate-time` that cannot be read still says that it ended; then its time is 0. */
function membershipTimes(element: XmlElement): { associatedAt?: number; leftAt?: number } {
  const associatedAt = timeIn(element, 'associate-time', 'start-time');
  const ended = child(element, 'disassociate-time', 'stop-time', 'end-time');
  const leftAt =
    ended === undefined || ended.text.trim() === '' ? undefined : (timeIn(element, ended.name.toLowerCase()) ?? 0);
  const rejoined = leftAt !== undefined && leftAt > 0 && associatedAt !== undefined && associatedAt > leftAt;
  return {
    ...(associatedAt === undefined ? {} : { associatedAt }),
    ...(leftAt === undefined || rejoined ? {} : { leftAt }),
  };
}

function readAssociation(element: XmlElement, participantId: string): StreamAssociation {
  const { leftAt } = membershipTimes(element);
  return {
    participantId,
    send: childrenOf(element, 'send').flatMap(idsIn),
    recv: childrenOf(element, 'recv').flatMap(idsIn),
    ...(leftAt === undefined ? {} : { endedAt: leftAt }),
  };
}

/** Extension data at the top may name the object that it belongs to (`parent`, BroadWorks). */
function settleOwner(value: ExtensionValue, draft: Draft): ExtensionValue {
  if (value.owner !== 'recording' || value.ownerId === '') return value;
  const is = (one: { id: string }): boolean => one.id === value.ownerId;
  if (draft.participants.some(is)) return { ...value, owner: 'participant' };
  if (draft.sessions.some(is)) return { ...value, owner: 'session' };
  if (draft.streams.some(is)) return { ...value, owner: 'stream' };
  return value;
}

function cutToLimit(draft: Draft): boolean {
  const lists = [
    draft.groups,
    draft.sessions,
    draft.participants,
    draft.streams,
    draft.memberships,
    draft.associations,
  ];
  const cut = lists.some((list) => list.length > LIMIT);
  for (const list of lists) list.length = Math.min(list.length, LIMIT);
  return cut;
}
