import { definedIds, leaf, type Vendor } from '../vendor.ts';

/**
 * NetSapiens: Call-IDs serve as ids. When a party changes, the session ends and a new one begins with the same `group_id` and a higher
 * `groupSeq`; the group joins them.
 */
export const netsapiens: Vendor = {
  name: 'NetSapiens',
  read({ metadata }) {
    const groupSeq =
      leaf(metadata, 'groupSeq') ?? metadata?.extensions.flatMap((one) => one.attributes['groupseq'] ?? [])[0];
    if (metadata === undefined || groupSeq === undefined) return undefined;
    const callId = metadata.sessions[0]?.id;
    return {
      ids: definedIds({ groupSeq, callId }),
      joinKeys: callId === undefined || callId === '' ? [] : [`callId=${callId}`],
    };
  },
};
