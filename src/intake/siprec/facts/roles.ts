import type { Metadata, MetadataParticipant } from '../metadata/types.ts';
import { type Address, sameNumber, userOf } from './address.ts';
import type { PartyWord } from './vendor.ts';

export interface CallEnds {
  readonly calling?: Address | undefined;
  readonly called?: Address | undefined;
}

/**
 * Finds out which participants are the caller and the called one when a vendor names both numbers. A number that fits exactly one
 * participant decides; with two participants the other one has the other part. Nothing fits: nothing is said.
 */
export function rolesByNumber(metadata: Metadata, ends: CallEnds): Map<number, PartyWord> {
  const words = new Map<number, PartyWord>();
  const caller = onlyMatch(metadata, ends.calling);
  const callee = onlyMatch(metadata, ends.called);
  if (caller !== -1 && caller === callee) return words;
  if (caller !== -1) words.set(caller, { role: 'caller' });
  if (callee !== -1) words.set(callee, { role: 'callee' });
  if (metadata.participants.length === 2 && words.size === 1) {
    const known = caller !== -1 ? caller : callee;
    words.set(1 - known, { role: caller !== -1 ? 'callee' : 'caller' });
  }
  return words;
}

function onlyMatch(metadata: Metadata, address: Address | undefined): number {
  if (address === undefined) return -1;
  const matches = metadata.participants.flatMap((one, index) => (isAddressOf(one, address) ? [index] : []));
  return matches.length === 1 ? matches[0]! : -1;
}

export function isAddressOf(participant: MetadataParticipant, address: Address): boolean {
  return [...participant.aors.map(userOf), participant.name].some((one) => sameNumber(one, address.number));
}

export function otherRole(role: 'caller' | 'callee'): 'caller' | 'callee' {
  return role === 'caller' ? 'callee' : 'caller';
}
