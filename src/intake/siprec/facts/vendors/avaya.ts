import { userOf } from '../address.ts';
import { readUcid } from '../ucid.ts';
import type { PartyWord, Vendor } from '../vendor.ts';

/**
 * Avaya SBCE: the UCID comes in `User-to-User`. The first metadata holds a stand-in for a party that is not known yet; a later UPDATE
 * brings the real one.
 */
export const avaya: Vendor = {
  name: 'Avaya SBCE',
  read({ headers, metadata }) {
    const ucid = headers.lines('User-to-User').flatMap((line) => readUcid(line) ?? [])[0];
    const agent = /avaya/i.test(headers.get('User-Agent') ?? '');
    if (ucid === undefined && !agent) return undefined;
    const parties = new Map<number, PartyWord>();
    (metadata?.participants ?? []).forEach((one, index) => {
      const nobody = one.name === undefined && one.aors.every((aor) => /^(dummy|unknown)?$/i.test(userOf(aor)));
      if (nobody || /^dummy$/i.test(one.name ?? '')) parties.set(index, { absent: true });
    });
    return { ids: ucid === undefined ? {} : { ucid }, joinKeys: ucid === undefined ? [] : [`ucid=${ucid}`], parties };
  },
};
