/** One `a=crypto` line (RFC 4568 §9.1). It holds keys: never log it. */
export interface CryptoLine {
  /** As written, to be answered. */
  readonly tag: string;
  readonly suite: string;
  /** At least one; with several each has an MKI. */
  readonly keys: readonly CryptoKey[];
  readonly sessionParameters: readonly string[];
}

export interface CryptoKey {
  /** Master key and salt, one after the other. */
  readonly keyAndSalt: Buffer;
  /** As it stands in the packets; empty = none. */
  readonly mki: Buffer;
}

const MOST_KEYS = 8;
const MOST_MKI_BYTES = 128;

/** Null when it is not written as the RFC says. */
export function readCrypto(value: string): CryptoLine | null {
  const match = /^\s*(\d{1,9})\s+([\w.-]+)\s+(\S+)((?:\s+\S+)*)\s*$/.exec(value);
  if (match === null) return null;
  const [, tag, suite, keyTexts, rest] = match as unknown as [string, string, string, string, string];
  const keys = keyTexts.split(';').map(readKey);
  if (keys.length > MOST_KEYS || keys.includes(null)) return null;
  const read = keys as CryptoKey[];
  // Packets tell the keys apart by an MKI of one length (RFC 4568 §6.1).
  const length = read[0]!.mki.length;
  if (read.some(({ mki }) => mki.length !== length) || (read.length > 1 && length === 0)) return null;
  const sessionParameters = rest.split(/\s+/).filter((parameter) => parameter !== '');
  return { tag, suite: suite.toUpperCase(), keys: read, sessionParameters };
}

/** `inline:<base64>[|lifetime][|MKI:length]`; the lifetime is checked and otherwise the peer's own care: it changes its key in time. */
function readKey(text: string): CryptoKey | null {
  const match = /^inline:([A-Za-z0-9+/]{4,}={0,2})((?:\|[^|]*)*)$/i.exec(text);
  if (match === null) return null;
  let mki: Buffer = Buffer.alloc(0);
  for (const part of match[2]!.split('|').slice(1)) {
    const named = /^(\d{1,39}):(\d{1,3})$/.exec(part);
    if (named === null) {
      if (/^(?:2\^\d{1,2}|\d{1,16})$/.test(part)) continue;
      return null;
    }
    const bytes = mkiBytes(BigInt(named[1]!), Number(named[2]));
    if (bytes === null) return null;
    mki = bytes;
  }
  return { keyAndSalt: Buffer.from(match[1]!, 'base64'), mki };
}

/** An MKI is written as a number and sent with leading zeros. */
function mkiBytes(value: bigint, length: number): Buffer | null {
  if (length < 1 || length > MOST_MKI_BYTES) return null;
  const digits = value.toString(16);
  return digits.length > 2 * length ? null : Buffer.from(digits.padStart(2 * length, '0'), 'hex');
}

/**
 * The first offered line that can be taken (RFC 4568 §5.1.2): its suite is known, its keys are of the suite's length, and nothing is asked for beyond. Null: none.
 * @param keyBytes length of master key and salt of a suite; undefined for one that we do not do
 */
export function chooseCrypto(
  offered: readonly string[],
  keyBytes: (suite: string) => number | undefined,
): CryptoLine | null {
  for (const value of offered) {
    const line = readCrypto(value);
    if (line === null) continue;
    const bytes = keyBytes(line.suite);
    if (bytes === undefined || !line.sessionParameters.every(isAcceptable)) continue;
    if (line.keys.every(({ keyAndSalt }) => keyAndSalt.length === bytes)) return line;
  }
  return null;
}

/**
 * Session parameters (RFC 4568 §6.3): a window size is advice, and what begins with a dash may be passed over (§6.3.7). A key derivation rate, switched-off encryption or
 * authentication, and error correction we do not do.
 */
function isAcceptable(parameter: string): boolean {
  return /^WSH=\d{2,}$/i.test(parameter) || parameter.startsWith('-');
}

/** The value of an `a=crypto` line with one key. */
export function writeCrypto(tag: string, suite: string, keyAndSalt: Buffer): string {
  return `${tag} ${suite} inline:${keyAndSalt.toString('base64')}`;
}
