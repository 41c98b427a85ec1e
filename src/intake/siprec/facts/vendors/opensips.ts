import type { Vendor } from '../vendor.ts';
import { definedIds, lastName } from '../vendor.ts';

/** OpenSIPS: the script may put XML of its own into `<group>` and `<session>`; each leaf is an id of the call. */
export const opensips: Vendor = {
  name: 'OpenSIPS',
  read({ metadata, headers }) {
    if (!/opensips/i.test(headers.get('User-Agent') ?? '')) return undefined;
    const custom = (metadata?.extensions ?? []).filter((one) => one.owner === 'group' || one.owner === 'session');
    return { ids: definedIds(Object.fromEntries(custom.slice(0, 16).map((one) => [lastName(one.path), one.value]))) };
  },
};
