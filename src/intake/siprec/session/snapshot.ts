import { cleanText } from '../text.ts';

/** A request for a full snapshot of the metadata (RFC 7866 §8.1.3.2), to be sent as UPDATE without a session description. */
export interface SnapshotRequest {
  readonly contentType: string;
  readonly disposition: string;
  readonly body: Buffer;
}

export function snapshotRequest(reason = 'The state of the session is not known any more.'): SnapshotRequest {
  const text = cleanText(reason).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const body =
    '<?xml version="1.0" encoding="UTF-8"?>\r\n' +
    "<requestsnapshot xmlns='urn:ietf:params:xml:ns:recording:1'>\r\n" +
    `  <requestreason xml:lang="en">${text}</requestreason>\r\n` +
    '</requestsnapshot>\r\n';
  return {
    contentType: 'application/rs-metadata-request',
    disposition: 'recording-session',
    body: Buffer.from(body),
  };
}
