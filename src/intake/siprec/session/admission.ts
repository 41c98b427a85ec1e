import type { TrunkConfig } from '../../../base/trunks.ts';
import type { Headers } from '../../../sip/headers.ts';
import { cleanText } from '../text.ts';
import type { Refusal } from './types.ts';

/** Media types that a recording session may carry, for `Accept`. */
export const ACCEPTED_TYPES = 'application/sdp, application/rs-metadata+xml, application/rs-metadata, multipart/mixed';

export function refuse(status: number, reason: string, headers: Readonly<Record<string, string>> = {}): Refusal {
  return { kind: 'refused', status, reason: cleanText(reason, 120), headers };
}

/** 488 with the reason in clear text (RFC 3261 §20.43: 399 = miscellaneous). */
export function notAcceptable(text: string): Refusal {
  const plain = cleanText(text, 120).replaceAll(/["\\]/g, "'");
  return refuse(488, 'Not Acceptable Here', { Warning: `399 earshot "${plain}"` });
}

/**
 * Whether an INVITE is a recording session (RFC 7866 §6.1, §7.1). Strict trunks must ask for `siprec` (else 421, RFC 3261 §21.4.16) and show
 * `+sip.src`; on others any of the signs is enough, and none is needed on a trunk that only records.
 */
export function admit(headers: Headers, trunk: TrunkConfig, hasMetadata: boolean): Refusal | undefined {
  const required = headers.all('Require').some((tag) => tag.trim().toLowerCase() === 'siprec');
  const params = contactParams(headers);
  if (trunk.strict) {
    if (!required) return refuse(421, 'Extension Required', { Require: 'siprec' });
    return params.includes('+sip.src') ? undefined : notAcceptable('Contact has no +sip.src');
  }
  // Old clients show `src` without its prefix (AudioCodes).
  const source = params.includes('+sip.src') || params.includes('src');
  if (trunk.recording || required || hasMetadata || source) return undefined;
  return notAcceptable('not a recording session');
}

/** Where the trunk demands SRTP, one plain stream refuses the whole: half a call under protection would deceive (RFC 3261 §21.4.26). */
export function admitMedia(srtp: TrunkConfig['srtp'], plain: readonly number[]): Refusal | undefined {
  if (srtp !== 'required' || plain.length === 0) return undefined;
  return notAcceptable(`this trunk takes media under SRTP only; the stream at position ${plain[0]} is plain RTP`);
}

/** Names of the parameters behind the Contact's address, in lower case; of several Contacts those of the last. */
function contactParams(headers: Headers): string[] {
  const contact = headers.lines('Contact').join(',');
  const [, ...params] = contact.slice(contact.lastIndexOf('>') + 1).split(';');
  return params.map((param) => param.split('=', 1)[0]!.trim().toLowerCase());
}
