import { EarshotError, messageOf } from '../../base/errors.ts';
import { addressMatcher } from '../../base/address-ranges.ts';
import { demandsCertificate, type TrunkConfig } from '../../base/trunks.ts';
import { certificatesIn } from '../transport/certificates.ts';
import type { Source } from '../transport/types.ts';

/** Why a trunk does not take a request that comes from one of its addresses. */
export interface Denial {
  readonly trunk: string;
  /** Reason phrase of the answer. */
  readonly reason: string;
  /** For the log. */
  readonly detail: string;
}

interface Entry {
  readonly trunk: TrunkConfig;
  readonly matches: (address: string) => boolean;
  /** Fingerprints of the authorities that count; null: no certificate is asked for. */
  readonly authorities: readonly string[] | null;
}

export interface TrunkFinder {
  /** The first trunk that has the source's address and whose demands it meets. */
  (source: Source): TrunkConfig | undefined;
  /** Why the first trunk that has the address did not take it; undefined: none has. */
  whyNot(source: Source): Denial | undefined;
}

/**
 * Trunks by address and by what they demand: TLS, a client certificate of their own authorities, a name in it (`*.example.com` stands for one label,
 * RFC 5922 notwithstanding: carriers use them).
 * @param clientCa PEM of the authorities that count for trunks without their own; null: none
 * @throws EarshotError CONFIG_INVALID when authorities cannot be read
 */
export function trunkFinder(trunks: readonly TrunkConfig[], clientCa: string | null = null): TrunkFinder {
  const entries = trunks.map((trunk): Entry => {
    const pem = trunk.tlsCa ?? clientCa;
    const authorities = demandsCertificate(trunk) ? fingerprintsIn(pem, trunk.name) : null;
    return { trunk, matches: addressMatcher(trunk.addresses), authorities };
  });
  const find = (source: Source): TrunkConfig | undefined =>
    entries.find((entry) => entry.matches(source.address) && objection(entry, source) === undefined)?.trunk;
  return Object.assign(find, {
    whyNot: (source: Source) => {
      const entry = entries.find(({ matches }) => matches(source.address));
      return entry === undefined ? undefined : objection(entry, source);
    },
  });
}

function fingerprintsIn(pem: string | null, trunk: string): string[] {
  try {
    return pem === null ? [] : certificatesIn(pem).map(({ fingerprint256 }) => fingerprint256);
  } catch (error) {
    const what = `the authorities of trunk ${trunk} cannot be read: ${messageOf(error)}.`;
    throw new EarshotError('CONFIG_INVALID', what, { key: 'tlsCa', remedy: 'Give PEM certificates.' });
  }
}

function objection({ trunk, authorities }: Entry, source: Source): Denial | undefined {
  const denied = (reason: string, detail: string): Denial => ({ trunk: trunk.name, reason, detail });
  const { protocol, certificate } = source;
  if (authorities === null) {
    if (trunk.tls === 'any' || protocol === 'tls') return undefined;
    return denied('TLS Required', `it came over ${protocol.toUpperCase()}`);
  }
  if (protocol !== 'tls')
    return denied('TLS With Client Certificate Required', `it came over ${protocol.toUpperCase()}`);
  if (certificate === undefined) return denied('Client Certificate Required', 'it showed no certificate');
  if (certificate.fault !== null) return denied('Client Certificate Not Accepted', certificate.fault);
  if (!certificate.chain.some((one) => authorities.includes(one))) {
    return denied('Client Certificate Not Accepted', 'it comes from none of the authorities of the trunk');
  }
  if (carriesName(trunk.tlsName, source)) return undefined;
  return denied('Client Certificate Not Accepted', `it does not carry the name ${trunk.tlsName ?? ''}`);
}

function carriesName(wanted: string | null, source: Source): boolean {
  if (wanted === null) return true;
  const name = wanted.toLowerCase();
  return source.tlsNames.some((one) => one === name || one === `*.${name.split('.').slice(1).join('.')}`);
}
