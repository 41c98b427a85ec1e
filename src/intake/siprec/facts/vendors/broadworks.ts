import type { ExtensionValue, Metadata } from '../../metadata/types.ts';
import { type Address, readAddress } from '../address.ts';
import { isAddressOf, otherRole, rolesByNumber } from '../roles.ts';
import {
  definedIds,
  joinKey,
  leaf,
  type PartyWord,
  type Vendor,
  type VendorSource,
  type VendorWord,
} from '../vendor.ts';

/**
 * BroadWorks and Webex Calling. `callType` says whose half of the call it is: the user's own call (`origCall`) or one to the user
 * (`termCall`), each with the calling and the called number. Addresses in the metadata may be opaque user ids, so that the recorded
 * user's number is in `From`. A party who left is listed further on, without `<send>`.
 */
export const broadworks: Vendor = {
  name: 'BroadWorks',
  read(source) {
    const { metadata, headers } = source;
    const correlation = headers.get('X-BroadWorks-Correlation-Info');
    const ours = metadata?.extensions.some((one) => /^broadworksrecordingmetadata\//i.test(one.path)) === true;
    if (!ours && correlation === undefined) return undefined;
    const trackingId = leaf(metadata, 'extTrackingID') ?? correlation;
    const callId = leaf(metadata, 'callID');
    const half = halfOf(metadata);
    return {
      ...(half === undefined ? {} : { direction: half === 'orig' ? 'OUT' : 'IN' }),
      ids: definedIds({
        trackingId,
        callId,
        userId: leaf(metadata, 'userID'),
        recordingType: leaf(metadata, 'recordingType'),
        serviceProviderId: leaf(metadata, 'serviceProviderID'),
        ...redirects(metadata),
      }),
      ...policyWords(metadata, half),
      joinKeys: trackingId === undefined ? [] : [joinKey('trackingId', trackingId, source.trunk)],
      ...(metadata === undefined ? {} : { parties: partiesOf(source, metadata, half) }),
    };
  },
};

function halfOf(metadata: Metadata | undefined): 'orig' | 'term' | undefined {
  const path = metadata?.extensions.map((one) => one.path).find((one) => /\/(orig|term)call(\/|$)/i.test(one));
  if (path === undefined) return undefined;
  return /\/origcall(\/|$)/i.test(path) ? 'orig' : 'term';
}

/**
 * A call to the user that was sent on from another number was dialled to that one; enterprise and group tell the tenant, the call centre
 * part the queue.
 */
function policyWords(
  metadata: Metadata | undefined,
  half: 'orig' | 'term' | undefined,
): Pick<VendorWord, 'dialled' | 'queue' | 'tenants'> {
  const redirected = inPart(metadata, /\/redirect\w*\//i)?.value;
  const dialled = half === 'term' && redirected !== undefined ? readAddress(redirected).number : undefined;
  const queue = inPart(metadata, /\/(acd\w*|callcenter\w*)\/(.*\/)?(\w*(name|userid|id|number|address))$/i)?.value;
  const [enterprise, group] = [leaf(metadata, 'serviceProviderID'), leaf(metadata, 'groupID')];
  // The name of a group is unique within its enterprise only.
  const tenants =
    enterprise === undefined ? [] : group === undefined ? [enterprise] : [`${enterprise}/${group}`, enterprise];
  return {
    ...(dialled === undefined ? {} : { dialled }),
    ...(queue === undefined ? {} : { queue: readAddress(queue).number ?? queue }),
    ...(tenants.length === 0 ? {} : { tenants }),
  };
}

function inPart(metadata: Metadata | undefined, part: RegExp): ExtensionValue | undefined {
  return metadata?.extensions.find((one) => one.value !== '' && part.test(one.path));
}

/** Redirecting and call centre parts: where the call was sent on from, and the queue that it came through. */
function redirects(metadata: Metadata | undefined): Record<string, string> {
  const found = (metadata?.extensions ?? []).filter((one) =>
    /\/(redirect\w*|acd\w*|callcenter\w*|routepoint\w*)\//i.test(one.path),
  );
  return Object.fromEntries(found.slice(0, 8).map((one) => [one.path.split('/').slice(1).join('.'), one.value]));
}

function partiesOf(
  source: VendorSource,
  metadata: Metadata,
  half: 'orig' | 'term' | undefined,
): Map<number, PartyWord> {
  const ends = {
    calling: addressLeaf(metadata, 'callingPartyNumber'),
    called: addressLeaf(metadata, 'calledPartyNumber'),
  };
  const present = metadata.participants.map((one) =>
    metadata.associations.some((link) => link.participantId === one.id && link.send.length > 0),
  );
  const words = new Map<number, PartyWord>();
  const someSpeak = present.includes(true);
  const roles = rolesByNumber(metadata, ends);
  const user = recordedUser(source, metadata);
  metadata.participants.forEach((_, index) => {
    if (someSpeak && present[index] === false) words.set(index, { absent: true });
    else if (roles.has(index)) words.set(index, { ...roles.get(index) });
  });
  if (half === undefined || user === -1) return words;
  const ownRole = half === 'orig' ? 'caller' : 'callee';
  const number = (half === 'orig' ? ends.calling?.number : ends.called?.number) ?? fromNumber(source);
  const id = leaf(metadata, 'userID');
  const ids = id === undefined ? {} : { user: id };
  words.set(user, { ...words.get(user), role: ownRole, ...ids, ...(number === undefined ? {} : { number }) });
  // The number of the other end is told, but whose it is only while there is just one other party.
  const others = metadata.participants
    .map((_, index) => index)
    .filter((index) => index !== user && words.get(index)?.absent !== true);
  const [other] = others;
  if (others.length === 1 && other !== undefined && metadata.participants.length === 2) {
    const end = half === 'orig' ? ends.called : ends.calling;
    words.set(other, {
      ...words.get(other),
      role: otherRole(ownRole),
      ...(end?.number === undefined ? {} : { number: end.number }),
    });
  }
  return words;
}

/** The participant who is the recorded user: by user id, else by the number in From. -1 = not to be told. */
function recordedUser(source: VendorSource, metadata: Metadata): number {
  const id = leaf(metadata, 'userID')?.toLowerCase();
  const byId = metadata.participants.findIndex(
    (one) =>
      id !== undefined &&
      one.aors.some(
        (aor) =>
          aor
            .toLowerCase()
            .replace(/^sips?:/, '')
            .split(';', 1)[0] === id,
      ),
  );
  if (byId !== -1) return byId;
  const from = readAddress(source.headers.get('From') ?? '');
  return metadata.participants.findIndex((one) => isAddressOf(one, from));
}

function fromNumber(source: VendorSource): string | undefined {
  return readAddress(source.headers.get('From') ?? '').number;
}

function addressLeaf(metadata: Metadata, name: string): Address | undefined {
  const text = leaf(metadata, name);
  return text === undefined ? undefined : readAddress(text);
}
