import { EarshotError } from '../../base/errors.ts';

/**
 * The textual header of an age v1 file (age-encryption.org/v1, "Header").
 *
 *   age-encryption.org/v1\n
 *   -> type arg arg\n
 *   body, base64 without padding, 64 columns, the last line shorter\n     one stanza per recipient
 *   --- base64(HMAC)\n
 *   16 bytes of nonce, then the payload (stream.ts)
 */
export interface Stanza {
  readonly type: string;
  readonly args: readonly string[];
  readonly body: Uint8Array;
}

export interface Header {
  readonly stanzas: readonly Stanza[];
  readonly mac: Buffer;
  /** The bytes under the MAC: all up to and with the three dashes. */
  readonly covered: Buffer;
  /** Length in bytes; the payload's nonce follows. */
  readonly length: number;
}

/** A header that has not ended after this many bytes is not one of ours. Twenty RSA recipients take 12 kB. */
export const HEADER_LIMIT = 64 * 1024;

const VERSION_LINE = 'age-encryption.org/v1';
const COLUMNS = 64;
const MAC_LINE = /^--- ([A-Za-z0-9+/]{43})$/;

export function corrupt(what: string, cause?: unknown): EarshotError {
  return new EarshotError('SEAL_CORRUPT', `the sealed object cannot be opened: ${what}.`, {
    remedy: 'Bring it back from a backup; it was damaged or changed.',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The header's text up to and with the three dashes: what the MAC covers. */
export function encodeStanzas(stanzas: readonly Stanza[]): Buffer {
  let text = `${VERSION_LINE}\n`;
  for (const { type, args, body } of stanzas) {
    text += `-> ${[type, ...args].join(' ')}\n`;
    const encoded = encodeBase64(body);
    for (let at = 0; at <= encoded.length; at += COLUMNS) text += `${encoded.slice(at, at + COLUMNS)}\n`;
  }
  return Buffer.from(`${text}---`);
}

export function finishHeader(covered: Buffer, mac: Uint8Array): Buffer {
  return Buffer.concat([covered, Buffer.from(` ${encodeBase64(mac)}\n`)]);
}

/**
 * Reads the header at the start of `bytes`.
 * @returns null when the bytes end before the header does
 * @throws EarshotError SEAL_CORRUPT where the text is not a header
 */
export function parseHeader(bytes: Buffer): Header | null {
  const lines = new Lines(bytes);
  const version = lines.next();
  if (version === null) return unfinished(bytes);
  if (version !== VERSION_LINE) throw corrupt('it is not an age v1 file');
  const stanzas: Stanza[] = [];
  for (;;) {
    const start = lines.at;
    const line = lines.next();
    if (line === null) return unfinished(bytes);
    if (line.startsWith('---')) {
      const mac = MAC_LINE.exec(line)?.[1];
      if (mac === undefined || stanzas.length === 0) throw corrupt('its header is malformed');
      return { stanzas, mac: decodeBase64(mac), covered: bytes.subarray(0, start + 3), length: lines.at };
    }
    const body = readBody(lines);
    if (body === null) return unfinished(bytes);
    stanzas.push({ ...readArguments(line), body });
  }
}

function unfinished(bytes: Buffer): null {
  if (bytes.length >= HEADER_LIMIT) throw corrupt('its header does not end');
  return null;
}

function readArguments(line: string): { type: string; args: string[] } {
  const words = line.split(' ');
  const [arrow, type, ...args] = words;
  // Words are one or more visible ASCII characters.
  if (arrow !== '->' || type === undefined || !words.every((word) => /^[\x21-\x7e]+$/.test(word))) {
    throw corrupt('its header is malformed');
  }
  return { type, args };
}

function readBody(lines: Lines): Buffer | null {
  let encoded = '';
  for (;;) {
    const line = lines.next();
    if (line === null) return null;
    if (line.length > COLUMNS) throw corrupt('its header is malformed');
    encoded += line;
    if (line.length < COLUMNS) return decodeBase64(encoded);
  }
}

class Lines {
  readonly #bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The next whole line without its end, or null. */
  next(): string | null {
    const end = this.#bytes.indexOf(0x0a, this.at);
    if (end < 0) return null;
    const line = this.#bytes.toString('latin1', this.at, end);
    this.at = end + 1;
    return line;
  }
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '');
}

/** Base64 without padding, canonical (the spec makes a decoder reject anything else). */
export function decodeBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (encodeBase64(bytes) !== text) throw corrupt('its header is malformed');
  return bytes;
}
