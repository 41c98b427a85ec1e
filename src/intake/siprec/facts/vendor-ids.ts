import type { Headers } from '../../../sip/headers.ts';
import type { Metadata } from '../metadata/types.ts';
import { cleanText } from '../text.ts';
import type { VendorWord } from './vendor.ts';

const VALUE_LIMIT = 512;
const X_HEADERS = 24;

/** Headers of the recording session that are kept as they came, beside every `X-…`. */
const KEPT = ['Session-ID', 'Call-Info', 'Cisco-Guid', 'User-to-User'];

/**
 * Everything by which the call is known elsewhere, by name. `callId` = the Call-ID of the recorded call where it is told,
 * `recordingCallId` = that of the recording session itself, `sipSessionID` as sent; then the vendor's own, then headers.
 */
export function vendorIdsOf(source: {
  headers: Headers;
  metadata: Metadata | undefined;
  words: readonly VendorWord[];
}): Record<string, string> {
  const { headers, metadata, words } = source;
  const ids = new Map<string, string>();
  const put = (name: string, value: string | undefined): void => {
    const text = cleanText(value ?? '', VALUE_LIMIT);
    if (text !== '' && !ids.has(name)) ids.set(name, text);
  };
  for (const word of words) for (const [name, value] of Object.entries(word.ids ?? {})) put(cleanText(name, 64), value);
  const sessions = metadata?.sessions ?? [];
  const sipSessionId = sessions.flatMap((one) => one.sipSessionIds)[0];
  put('sipSessionID', sipSessionId);
  // Clients without RFC 7989 put the Call-ID of the recorded call there.
  if (sipSessionId !== undefined && !/^[0-9a-f-]{32,36}\s*;\s*remote/i.test(sipSessionId)) put('callId', sipSessionId);
  put('group', metadata?.groups[0]?.id);
  put('session', sessions[0]?.id);
  put('recordingCallId', headers.get('Call-ID'));
  for (const name of KEPT) put(name, headers.lines(name).join(', '));
  let count = 0;
  for (const [name, value] of headers.entries()) {
    if (/^X-/i.test(name) && count++ < X_HEADERS) put(cleanText(name, 64), value);
  }
  return Object.fromEntries(ids);
}
