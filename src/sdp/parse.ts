import { isIPv4, isIPv6 } from 'node:net';
import type { Attribute, Connection, Line, MediaDescription, Origin, SessionDescription } from './description.ts';

/** Bytes that are no session description at all. */
export class SdpParseError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'SdpParseError';
  }
}

/** Ten times what the largest description of a session with every codec takes. */
const MAX_BYTES = 262_144;
const MAX_LINES = 8192;
const MAX_MEDIA = 64;

interface Part {
  connection: Connection | null;
  readonly attributes: Attribute[];
  readonly other: Line[];
}

interface MediaPart extends Part {
  readonly line: string;
}

/**
 * Reads a session description (RFC 8866). Order, missing lines, line ends (CRLF, LF, CR), blanks and unknown letters are
 * tolerated; a damaged m= line keeps its place with port 0 (RFC 3264 counts m-lines), and a warning says so.
 * @throws SdpParseError when it is too large or holds neither a `v=` nor an `m=` line
 */
export function parseSdp(bytes: Uint8Array): SessionDescription {
  if (bytes.length > MAX_BYTES) throw new SdpParseError('session description too large');
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const reader = new Reader();
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.length > MAX_LINES) throw new SdpParseError('session description has too many lines');
  for (const line of lines) reader.read(line);
  return reader.finish();
}

class Reader {
  readonly #warnings: string[] = [];
  readonly #session: Part = { connection: null, attributes: [], other: [] };
  readonly #media: MediaPart[] = [];
  readonly #times: string[] = [];
  #version: string | null = null;
  #origin: Origin | null = null;
  #name = '';

  read(raw: string): void {
    const line = raw.replaceAll('\0', '').trimEnd();
    const match = /^\s*([A-Za-z])\s?=(.*)$/su.exec(line);
    if (match === null) {
      if (line.trim() !== '') this.#warn(`line without a type: ${quoted(line)}`);
      return;
    }
    const [type, value] = [match[1]!, match[2]!.trimStart()];
    if (type === 'm') this.#startMedia(value);
    else if (this.#media.length > 0) this.#partLine(this.#media.at(-1)!, type, value);
    else if (!this.#sessionLine(type, value)) this.#partLine(this.#session, type, value);
  }

  finish(): SessionDescription {
    if (this.#version === null && this.#media.length === 0) throw new SdpParseError('not a session description');
    if (this.#version === null) this.#warn('v= is missing');
    return {
      version: this.#version ?? '0',
      origin: this.#origin,
      name: this.#name,
      ...this.#session,
      times: this.#times,
      media: this.#media.map((part) => this.#finishMedia(part)),
      warnings: this.#warnings,
    };
  }

  #startMedia(line: string): void {
    if (this.#media.length >= MAX_MEDIA) throw new SdpParseError('too many m= lines');
    this.#media.push({ line, connection: null, attributes: [], other: [] });
  }

  #sessionLine(type: string, value: string): boolean {
    if (type === 'v') this.#version ??= value;
    else if (type === 'o') this.#origin ??= this.#readOrigin(value);
    else if (type === 's') this.#name = this.#name === '' ? value : this.#name;
    else if (type === 't') this.#times.push(value);
    else return false;
    return true;
  }

  #partLine(part: Part, type: string, value: string): void {
    if (type === 'a') part.attributes.push(readAttribute(value));
    else if (type === 'c' && part.connection === null) {
      part.connection = readConnection(value);
      if (part.connection === null) this.#warn(`c= cannot be read: ${value.slice(0, 40)}`);
    } else part.other.push({ type, value });
  }

  #readOrigin(value: string): Origin | null {
    const words = value.split(/\s+/);
    const connection = readConnection(words.slice(-3).join(' '));
    if (words.length < 6 || connection === null) {
      this.#warn('o= cannot be read');
      return null;
    }
    // A user name with blanks is wrong, and sent: the last five words are what they are.
    const [id, version] = words.slice(-5) as [string, string];
    return { username: words.slice(0, -5).join(' '), id, version, ...connection };
  }

  #finishMedia(part: MediaPart): MediaDescription {
    const [kind = '', ports = '', profile = '', ...formats] = part.line.split(/\s+/);
    const match = /^(\d{1,5})(?:\/(\d{1,3}))?$/.exec(ports);
    const port = match === null ? 0 : Number(match[1]);
    const valid = match !== null && port <= 65_535 && profile !== '';
    if (!valid) this.#warn(`m= cannot be read: ${part.line.slice(0, 40)}`);
    const { connection, attributes, other } = part;
    return {
      kind: kind.toLowerCase(),
      port: valid ? port : 0,
      portCount: Math.max(1, Number(match?.[2] ?? 1)),
      profile: profile.toUpperCase(),
      formats,
      connection,
      attributes,
      other,
    };
  }

  /** Hostile input could make as many as it has lines. */
  #warn(text: string): void {
    if (this.#warnings.length < 20) this.#warnings.push(text);
  }
}

/** The beginning of a line, fit to be shown: it may be a key's line that lost its letter. */
function quoted(line: string): string {
  return line.slice(0, 40).replace(/inline:.*/i, 'inline:****');
}

function readAttribute(value: string): Attribute {
  const colon = value.indexOf(':');
  if (colon < 0) return { name: value.trim().toLowerCase(), value: null };
  return { name: value.slice(0, colon).trim().toLowerCase(), value: value.slice(colon + 1).trim() };
}

/**
 * Reads `IN IP4 192.0.2.1[/ttl[/count]]`. The family that is written may contradict the address; then the address counts. Brackets
 * around IPv6 are wrong, and sent.
 */
export function readConnection(value: string): Connection | null {
  const match = /^IN\s+IP([46])\s+([^\s/]+)/i.exec(value);
  if (match === null) return null;
  const address = match[2]!.replaceAll(/^\[|\]$/g, '');
  if (isIPv4(address)) return { family: 4, address };
  if (isIPv6(address)) return { family: 6, address: address.toLowerCase() };
  return /^[\w.-]+$/.test(address) ? { family: match[1] === '6' ? 6 : 4, address } : null;
}
