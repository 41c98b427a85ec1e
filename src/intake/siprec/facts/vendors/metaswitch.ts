import { readAddress } from '../address.ts';
import { isAddressOf, otherRole } from '../roles.ts';
import { definedIds, leaf, type PartyWord, type Vendor } from '../vendor.ts';

/** Metaswitch: `callType` originating or terminating tells on which side `recordedParty` stands. Addresses are bare numbers. */
export const metaswitch: Vendor = {
  name: 'Metaswitch',
  read({ metadata }) {
    if (metadata?.extensions.some((one) => /^metaswitchrecordingmetadata(\/|$)/i.test(one.path)) !== true)
      return undefined;
    const callType = leaf(metadata, 'callType')?.toLowerCase() ?? '';
    const recordedParty = leaf(metadata, 'recordedParty');
    const outgoing = callType.startsWith('orig');
    const known = outgoing || callType.startsWith('term');
    const dialled = leaf(metadata, 'dialedDigits');
    const parties = new Map<number, PartyWord>();
    const recorded = recordedParty === undefined ? undefined : readAddress(recordedParty);
    const matches = metadata.participants.map((one) => recorded !== undefined && isAddressOf(one, recorded));
    if (known && matches.filter(Boolean).length === 1) {
      const role = outgoing ? 'caller' : 'callee';
      matches.forEach((own, index) => parties.set(index, { role: own ? role : otherRole(role) }));
    }
    return {
      ...(known ? { direction: outgoing ? 'OUT' : 'IN' } : {}),
      ...(dialled === undefined || outgoing ? {} : { dialled: readAddress(dialled).number ?? dialled }),
      ids: definedIds({ recordedParty, dialedDigits: dialled }),
      parties,
    };
  },
};
