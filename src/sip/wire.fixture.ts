/**
 * Bytes of a message written as text: lines become CRLF lines, `{length}` the length of what follows the first blank line.
 */
export function wire(text: string): Buffer {
  const lines = text.replace(/^\n/, '').replaceAll('\n', '\r\n');
  const blank = lines.indexOf('\r\n\r\n');
  const length = Buffer.byteLength(lines) - Buffer.byteLength(lines.slice(0, blank + 4));
  return Buffer.from(lines.replace('{length}', String(length)), 'utf8');
}

/** A session description of two lines of media, as most of RFC 4475's messages carry one. */
export const BODY = `v=0
o=mhandley 29739 7272939 IN IP4 192.0.2.3
s=-
c=IN IP4 192.0.2.4
t=0 0
m=audio 49217 RTP/AVP 0 12
m=video 3227 RTP/AVP 31
a=rtpmap:31 LPC
`;
