import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { addressMatcher } from '../../base/address-ranges.ts';
import { EarshotError } from '../../base/errors.ts';

/**
 * Where nobody's directory server stands, and where an account administrator has no business: the machine itself, its link (the metadata
 * services of clouds stand at 169.254.169.254), multicast, and what else clouds answer virtual machines at.
 */
const NEVER = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '100.100.100.200',
  '168.63.129.16',
  '224.0.0.0/3',
  '::/127',
  'fe80::/10',
  'fd00:ec2::/32',
  'ff00::/8',
  // IPv4 in other clothes (RFC 6052, RFC 3056), by which all of the above could be reached.
  '64:ff9b::/96',
  '2002::/16',
];

/** Finds addresses of a name, as dns.lookup does. */
type LookUp = (
  hostname: string,
  options: LookupOptions,
  callback: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void;

/** What sockets take as their `lookup`. */
type SocketLookup = (
  hostname: string,
  options: LookupOptions,
  callback: (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void,
) => void;

/**
 * Which servers connections of accounts may go to. What a name stands for is looked at when a socket is opened, and not before: it may be
 * another address by then.
 */
export class LdapHosts {
  readonly #names: ReadonlySet<string>;
  readonly #ranges: readonly string[];
  readonly #inRanges: (address: string) => boolean;
  readonly #hasList: boolean;
  readonly #lookUp: LookUp;

  /** @param allowed names, addresses and ranges of the setting `directory.ldapHosts`; empty: all but those of {@link NEVER} */
  constructor(
    allowed: readonly string[],
    lookUp: LookUp = (name, options, found) => lookup(name, { ...options, all: true }, found),
  ) {
    this.#hasList = allowed.length > 0;
    this.#lookUp = lookUp;
    this.#names = new Set(allowed.map((item) => item.toLowerCase()));
    this.#ranges = allowed.filter(isRange);
    this.#inRanges = addressMatcher(this.#ranges);
  }

  /** What can be told from the address alone. @param url of a connection. @throws EarshotError NOT_ALLOWED */
  check(url: string): void {
    this.checkHost(hostOf(url));
  }

  /** The same of what a socket is about to be opened to: addresses are not looked up. @throws EarshotError NOT_ALLOWED */
  checkHost(host: string): void {
    if (isIP(host) === 0 ? this.#isPossible(host) : this.#isAllowed(host, host)) return;
    throw refusal(host);
  }

  /** For sockets: the addresses of a name that may be reached. */
  readonly lookup: SocketLookup = (name, options, callback) => {
    this.#lookUp(name, options, (error, found) => {
      if (error !== null) return callback(error, []);
      const allowed = found.filter(({ address }) => this.#isAllowed(name, address));
      const [first] = allowed;
      if (first === undefined) return callback(refusal(name), []);
      if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };

  /** A name that is not on the list may still stand for an address that is. */
  #isPossible(name: string): boolean {
    return !this.#hasList || this.#names.has(name.toLowerCase()) || this.#ranges.length > 0;
  }

  #isAllowed(name: string, address: string): boolean {
    if (this.#names.has(name.toLowerCase())) return true;
    return this.#hasList ? this.#inRanges(address) : !neverReached()(address);
  }
}

/** Of an address such as ldaps://[2001:db8::1]:636, without brackets. */
export function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}

function isRange(item: string): boolean {
  return isIP(item.split('/')[0] ?? '') !== 0;
}

/** The machine's own addresses are the machine, whatever they look like; they come and go. */
function neverReached(): (address: string) => boolean {
  const own = Object.values(networkInterfaces()).flatMap((one) => (one ?? []).map(({ address }) => address));
  return addressMatcher([...NEVER, ...own]);
}

function refusal(host: string): EarshotError {
  return new EarshotError('NOT_ALLOWED', `${host} is not a host that directory servers may be asked at.`, {
    key: 'value.url',
    remedy: 'The operator of the platform can allow it by the setting directory.ldapHosts.',
  });
}
