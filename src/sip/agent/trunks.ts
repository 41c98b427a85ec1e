import { addressMatcher, type TrunkConfig } from '../../base/trunks.ts';
import type { Source } from '../transport/types.ts';

/**
 * The first trunk that a source belongs to: by address, and where the trunk names one by a name of the verified client certificate
 * (`*.example.com` stands for one label, RFC 5922 notwithstanding: carriers use them).
 */
export function trunkFinder(trunks: readonly TrunkConfig[]): (source: Source) => TrunkConfig | undefined {
  const entries = trunks.map((trunk) => ({ trunk, matches: addressMatcher(trunk.addresses) }));
  return (source) =>
    entries.find(({ trunk, matches }) => matches(source.address) && carriesName(trunk.tlsName, source))?.trunk;
}

function carriesName(wanted: string | null, source: Source): boolean {
  if (wanted === null) return true;
  const name = wanted.toLowerCase();
  return source.tlsNames.some((one) => one === name || one === `*.${name.split('.').slice(1).join('.')}`);
}
