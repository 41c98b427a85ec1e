import { type SipMessage, SIP_VERSION } from './message.ts';

/**
 * The message as it goes on the wire: version 2.0, headers in their order, Content-Length set to the body's length and last.
 * Line breaks in the start line become spaces, so that no text can forge a header.
 */
export function serialize(message: SipMessage): Buffer {
  const start =
    message.kind === 'request'
      ? `${message.method} ${message.uri} ${SIP_VERSION}`
      : `${SIP_VERSION} ${message.status} ${message.reason}`;
  let head = `${start.replaceAll(/[\r\n]+/g, ' ')}\r\n`;
  for (const [name, value] of message.headers.entries()) {
    if (name.toLowerCase() !== 'content-length') head += `${name}: ${value}\r\n`;
  }
  head += `Content-Length: ${message.body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, 'utf8'), message.body]);
}
