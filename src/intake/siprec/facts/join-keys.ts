import type { Headers } from '../../../sip/headers.ts';
import type { Metadata } from '../metadata/types.ts';
import { cleanText } from '../text.ts';
import { readGuid, readUcid } from './ucid.ts';
import { joinKey, type VendorWord } from './vendor.ts';

const LIMIT = 32;
const VALUE_LIMIT = 200;

/** Names of X-headers whose value is made for one call; any other X-header may be the same in every call. */
const CALL_HEADER = /^X-.*(call-?id|correlation|ucid|uuid|guid|gcid|conversation|interaction|session-?id)/i;

/**
 * The keys under which other sessions of the same conversation may be known, `name=value`, without repeats. Only ids that are made
 * for one conversation are taken, and only where they are long enough not to meet by chance.
 */
export function joinKeysOf(source: {
  trunk: string;
  headers: Headers;
  metadata: Metadata | undefined;
  words: readonly VendorWord[];
}): string[] {
  const { headers, metadata, words, trunk } = source;
  const keys = new Set<string>(words.flatMap((word) => word.joinKeys ?? []));
  const sipSessionIds = metadata?.sessions.flatMap((one) => one.sipSessionIds) ?? [];
  for (const text of [...sipSessionIds, ...headers.lines('Session-ID')]) {
    const halves = sessionIdHalves(text);
    for (const half of halves) keys.add(`sipSessionID=${half}`);
    if (halves.length === 0 && sipSessionIds.includes(text)) addLong(keys, 'callId', text, 6);
  }
  for (const session of metadata?.sessions ?? [])
    if (session.id.length >= 12) keys.add(joinKey('session', session.id, trunk));
  for (const group of metadata?.groups ?? []) if (group.id.length >= 6) keys.add(joinKey('group', group.id, trunk));
  for (const line of headers.lines('User-to-User')) {
    const ucid = readUcid(line);
    if (ucid !== undefined) keys.add(`ucid=${ucid}`);
  }
  const guid = readGuid(headers.get('Cisco-Guid') ?? '');
  if (guid !== undefined) keys.add(`guid=${guid}`);
  for (const [name, value] of headers.entries()) {
    if (CALL_HEADER.test(name)) addLong(keys, cleanText(name, 64).toLowerCase(), value, 8);
  }
  return [...keys].map((key) => cleanText(key, VALUE_LIMIT)).slice(0, LIMIT);
}

/** Both halves of a Session-ID (RFC 7989), nil left out: the two legs of a call name them in turn. */
function sessionIdHalves(text: string): string[] {
  const match = /^\s*([0-9a-f-]{32,36})\s*(?:;|$)(?:.*?remote\s*=\s*([0-9a-f-]{32,36}))?/i.exec(text);
  return [match?.[1], match?.[2]].flatMap((half) => readGuid(half ?? '') ?? []);
}

function addLong(keys: Set<string>, name: string, value: string, least: number): void {
  const text = value.trim();
  if (text.length >= least) keys.add(`${name}=${text}`);
}
