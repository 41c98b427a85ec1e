import { parseSdp, SdpParseError } from '../../../sdp/parse.ts';
import type { SessionDescription } from '../../../sdp/description.ts';
import type { SipRequest } from '../../../sip/message.ts';
import { Headers } from '../../../sip/headers.ts';
import { parseMultipart, type Part } from '../../../sip/multipart.ts';
import type { Attachment } from '../facts/vendor.ts';
import { parseMetadata } from '../metadata/parse.ts';
import type { Metadata } from '../metadata/types.ts';
import { cleanText } from '../text.ts';

/** A request's body, taken apart. */
export interface SessionBody {
  /** Undefined when there is none; a text when there is one that cannot be read. */
  readonly sdp: SessionDescription | string | undefined;
  readonly metadata: Metadata | undefined;
  readonly metadataFault: string | undefined;
  /** The metadata's bytes as they came; null when there are none. */
  readonly rawMetadata: Buffer | null;
  readonly attachments: readonly Attachment[];
  /** There is a body, but nothing in it that a recording session knows. */
  readonly foreign: boolean;
  readonly notes: readonly string[];
}

const ATTACHMENTS = 8;
const ATTACHMENT_LIMIT = 4096;

/**
 * Finds session description and metadata in either order, other parts beside them, and looks for both in the bytes where the
 * structure of the body is broken: metadata that cannot be read must never cost the audio. Never throws.
 */
export function readBody(request: Pick<SipRequest, 'headers' | 'body'>): SessionBody {
  const { headers, body } = request;
  if (body.length === 0) return nothing(false);
  const parts = parseMultipart(headers.get('Content-Type'), body).filter((part) => part.body.length > 0);
  const notes: string[] = [];
  const sdpPart = parts.find(isSdp) ?? salvage(body, parts, salvageSdp, 'session description', notes);
  const metadataPart = parts.find(isMetadata) ?? salvage(body, parts, salvageXml, 'metadata', notes);
  const sdp = sdpPart === undefined ? undefined : readSdp(sdpPart, notes);
  const read = metadataPart === undefined ? {} : readMetadataPart(metadataPart);
  const others = parts.filter((part) => part !== sdpPart && part !== metadataPart && !isSdp(part) && !isMetadata(part));
  return {
    sdp,
    metadata: read.metadata,
    metadataFault: read.fault,
    rawMetadata: metadataPart?.body ?? null,
    attachments: others.slice(0, ATTACHMENTS).map((part) => ({
      type: cleanText(part.contentType, 128),
      text: part.body.subarray(0, ATTACHMENT_LIMIT).toString('utf8'),
    })),
    foreign: sdpPart === undefined && metadataPart === undefined && others.length > 0,
    notes,
  };
}

function nothing(foreign: boolean): SessionBody {
  return {
    sdp: undefined,
    metadata: undefined,
    metadataFault: undefined,
    rawMetadata: null,
    attachments: [],
    foreign,
    notes: [],
  };
}

function isSdp(part: Part): boolean {
  if (part.contentType === 'application/sdp') return true;
  return part.contentType === '' && /^\s*v=0\r?\n/.test(head(part.body));
}

function isMetadata(part: Part): boolean {
  const type = part.contentType;
  if (type === 'application/rs-metadata+xml' || type === 'application/rs-metadata') return true;
  if (part.disposition === 'recording-session' && type !== 'application/sdp') return !type.endsWith('-request');
  const xml = type === '' || type === 'text/xml' || type === 'application/xml' || type === 'text/plain';
  return xml && /<(?:[\w.-]+:)?recording(?:_metadata)?[\s>]/.test(head(part.body));
}

function head(body: Buffer): string {
  return body.subarray(0, 1024).toString('latin1');
}

/** From `v=0` up to what looks like a boundary, an empty line, or the end. */
function salvageSdp(text: string): [number, number] | undefined {
  const found = /(?:^|[\r\n])v=0\r?\n/.exec(text);
  if (found === null) return undefined;
  const from = found.index + (found[0].startsWith('v') ? 0 : 1);
  const end = /\n(?=--)|\n\r?\n/.exec(text.slice(from));
  return [from, end === null ? text.length : from + end.index + 1];
}

/** From the first tag of the root to the last tag's end, or to a boundary where the last tag is missing. */
function salvageXml(text: string): [number, number] | undefined {
  const found = /<\?xml[^<]{0,200}<(?:[\w.-]{1,64}:)?recording|<(?:[\w.-]{1,64}:)?recording(?:_metadata)?[\s>]/.exec(
    text,
  );
  if (found === null) return undefined;
  const from = found.index;
  const close = Math.max(text.lastIndexOf('recording>'), text.lastIndexOf('recording_metadata>'));
  if (close > from) return [from, text.indexOf('>', close) + 1];
  const boundary = text.indexOf('\n--', from);
  return [from, boundary === -1 ? text.length : boundary];
}

/** Takes a piece out of a body whose parts cannot be told apart. Only for bodies that parts do not explain. */
function salvage(
  body: Buffer,
  parts: readonly Part[],
  find: (text: string) => [number, number] | undefined,
  what: string,
  notes: string[],
): Part | undefined {
  if (parts.length !== 1 || body.length > 262_144 || isSdp(parts[0]!) || isMetadata(parts[0]!)) return undefined;
  const range = find(body.toString('latin1'));
  if (range === undefined) return undefined;
  notes.push(`The parts of the body could not be told apart; its ${what} was found by its content.`);
  return { headers: Headers.from([]), contentType: '', disposition: null, body: body.subarray(...range) };
}

function readSdp(part: Part, notes: string[]): SessionDescription | string {
  try {
    const description = parseSdp(part.body);
    for (const warning of description.warnings.slice(0, 4)) notes.push(`Session description: ${cleanText(warning)}`);
    return description;
  } catch (error) {
    if (error instanceof SdpParseError) return cleanText(error.message);
    throw error;
  }
}

function readMetadataPart(part: Part): ReturnType<typeof parseMetadata> {
  const encoding = (part.headers.get('Content-Encoding') ?? 'identity').toLowerCase();
  if (encoding !== 'identity' && encoding !== '') return { fault: `it is encoded as ${cleanText(encoding, 40)}` };
  return parseMetadata(part.body);
}
