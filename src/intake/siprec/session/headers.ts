import type { TrunkHeaders } from '../../../base/trunks.ts';
import { Headers } from '../../../sip/headers.ts';

/** Headers that facts are made of; every `X-…` and `Cisco-…` besides. */
const NAMES =
  /^(from|to|call-id|p-asserted-identity|remote-party-id|session-id|call-info|user-to-user|user-agent|mdc[-_]mon[-_]mode|x-.*|cisco-.*)$/i;

const LIMIT = 64;
const VALUE_LIMIT = 2048;

type Lines = readonly (readonly [string, string])[];

/** The part of a request's headers that the session remembers, bounded. @param own further names that the trunk has for facts */
export function keptHeaders(headers: Headers, own: TrunkHeaders = {}): Lines {
  const named = new Set(Object.values(own).map((name) => name.toLowerCase()));
  const isKept = (name: string): boolean => NAMES.test(name) || named.has(name.toLowerCase());
  const kept = [...headers.entries()].filter(([name]) => name.length <= 64 && isKept(name));
  return kept.slice(0, LIMIT).map(([name, value]) => [name, value.slice(0, VALUE_LIMIT)] as const);
}

/** Later requests of a session tell anew only what they name; From and To of a dialog stay those of its INVITE. */
export function withNewer(previous: Lines, headers: Headers, own?: TrunkHeaders): Lines {
  const newer = keptHeaders(headers, own).filter(([name]) => !DIALOG.test(name));
  const named = new Set(newer.map(([name]) => name.toLowerCase()));
  const older = previous.filter(([name]) => !DIALOG.test(name) && !named.has(name.toLowerCase()));
  return [...previous.filter(([name]) => DIALOG.test(name)), ...newer, ...older].slice(0, LIMIT);
}

const DIALOG = /^(from|to|call-id)$/i;

export function headersFrom(lines: Lines): Headers {
  return Headers.from(lines);
}
