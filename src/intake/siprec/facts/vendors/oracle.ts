import { readUcid } from '../ucid.ts';
import { definedIds, leaf, leaves, participantOf, type PartyWord, type Vendor } from '../vendor.ts';

/** Oracle (Acme Packet): `apkt:callingParty` is true at the caller and false at the others; `apkt:ucid`; chosen headers by label. */
export const oracle: Vendor = {
  name: 'Oracle SBC',
  read({ metadata }) {
    if (metadata === undefined) return undefined;
    const parties = new Map<number, PartyWord>();
    for (const value of leaves(metadata, 'callingParty')) {
      const index = participantOf(metadata, value);
      const said = value.value.toLowerCase();
      if (index !== -1 && /^(true|false|1|0)$/.test(said)) {
        parties.set(index, { role: said === 'true' || said === '1' ? 'caller' : 'callee' });
      }
    }
    const rawUcid = leaf(metadata, 'ucid');
    if (parties.size === 0 && rawUcid === undefined) return undefined;
    const ucid = rawUcid === undefined ? undefined : (readUcid(rawUcid) ?? rawUcid);
    const headers = leaves(metadata, 'header').map((one) => [one.attributes['label'] ?? '', one.value] as const);
    return {
      ids: { ...definedIds(Object.fromEntries(headers.filter(([label]) => label !== ''))), ...definedIds({ ucid }) },
      joinKeys: ucid === undefined ? [] : [`ucid=${ucid}`],
      parties,
    };
  },
};
