/** The body of a SIPREC INVITE: session description first, metadata second (RFC 7866 §9.1). */
export function siprecBody(sdp: string, metadata: string): { body: string; contentType: string } {
  const boundary = 'earshot-test-call';
  const body = [
    `--${boundary}`,
    'Content-Type: application/sdp',
    '',
    sdp.replace(/\r\n$/, ''),
    `--${boundary}`,
    'Content-Type: application/rs-metadata+xml',
    'Content-Disposition: recording-session',
    '',
    metadata.replace(/\r\n$/, ''),
    `--${boundary}--`,
    '',
  ].join('\r\n');
  return { body, contentType: `multipart/mixed;boundary=${boundary}` };
}
