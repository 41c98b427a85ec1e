import { readAddress } from '../address.ts';
import { rolesByNumber } from '../roles.ts';
import { definedIds, joinKey, leaf, type Vendor } from '../vendor.ts';

/** Sonus (Ribbon): `callData` repeats From, To, Call-ID and the global call id of the recorded call. Its caller has label 2. */
export const sonus: Vendor = {
  name: 'Sonus SBC',
  read({ metadata, trunk }) {
    if (metadata === undefined) return undefined;
    const [from, to] = [leaf(metadata, 'fromhdr'), leaf(metadata, 'tohdr')];
    const [callId, gcid] = [leaf(metadata, 'callid'), leaf(metadata, 'gcid')];
    if (from === undefined && to === undefined && gcid === undefined) return undefined;
    return {
      ids: definedIds({ callId, gcid }),
      joinKeys: [
        ...(callId === undefined ? [] : [`callId=${callId}`]),
        ...(gcid === undefined ? [] : [joinKey('gcid', gcid, trunk)]),
      ],
      parties: rolesByNumber(metadata, {
        calling: from === undefined ? undefined : readAddress(from),
        called: to === undefined ? undefined : readAddress(to),
      }),
    };
  },
};
