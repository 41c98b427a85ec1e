import { isIP } from 'node:net';
import type { TrunkFact, TrunkHeaders } from '../../../base/trunks.ts';
import type { Headers } from '../../../sip/headers.ts';
import type { CallFacts } from '../../../policy/types.ts';
import type { Metadata } from '../metadata/types.ts';
import { cleanText } from '../text.ts';
import { readAddress, userOf } from './address.ts';
import { lastName, type VendorWord } from './vendor.ts';

/** Where what policy asks for may stand. */
export interface PolicySource {
  readonly requestUri: string;
  readonly headers: Headers;
  readonly metadata: Metadata | undefined;
  readonly words: readonly VendorWord[];
  /** The trunk's own names of headers. */
  readonly names: TrunkHeaders;
}

const TENANTS = 16;

/** Names under which the per-call override (D2) may come on every trunk. */
const OVERRIDE = ['MDC_MON_MODE', 'X-MDC-MON-MODE'];

/**
 * What tells policy whose call it is and what was wished for it: the override (D2), the number dialled first and the one presented (D3), the
 * queue (D5), the pilot that the call was sent to (S8), the tenants that its metadata name (D8). What the trunk's own headers say goes
 * before what a vendor's data say.
 */
export function policyFactsOf(source: PolicySource): Partial<CallFacts> {
  const { words, requestUri } = source;
  const dialled = numberIn(told(source, 'dialled')) ?? words.find((word) => word.dialled !== undefined)?.dialled;
  const presented =
    numberIn(told(source, 'presented')) ?? words.find((word) => word.presented !== undefined)?.presented;
  const queue = told(source, 'queue') ?? words.find((word) => word.queue !== undefined)?.queue;
  const override = told(source, 'override')?.toLowerCase();
  const pilot = cleanText(userOf(requestUri), 64);
  const tenants = tenantsOf(source);
  return {
    ...(override === undefined ? {} : { override }),
    ...(dialled === undefined ? {} : { dialled }),
    ...(presented === undefined ? {} : { presented }),
    ...(queue === undefined ? {} : { queue }),
    // A name such as `recorder` is no number that could be a pilot.
    ...(/\d/.test(pilot) ? { pilot } : {}),
    ...(tenants.length === 0 ? {} : { tenants }),
  };
}

/** The trunk's header or extension data of that name; Oracle's copies of headers carry their name as a label. */
function told({ headers, metadata, names }: PolicySource, fact: TrunkFact): string | undefined {
  const own = names[fact];
  const wanted = [...(own === undefined ? [] : [own]), ...(fact === 'override' ? OVERRIDE : [])].map(plainName);
  if (wanted.length === 0) return undefined;
  const isName = (name: string): boolean => wanted.includes(plainName(name));
  for (const [name, value] of headers.entries()) {
    const text = cleanText(value);
    if (isName(name) && text !== '') return text;
  }
  const found = metadata?.extensions.findLast(
    (one) =>
      one.value !== '' &&
      (isName(lastName(one.path)) || isName(one.attributes['label'] ?? one.attributes['name'] ?? '')),
  );
  return found === undefined ? undefined : cleanText(found.value);
}

/** Without letter case, `-` and `_`, which gateways change when they copy a variable to a header. */
function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '');
}

/** An address or a bare number, as the number in it. */
function numberIn(text: string | undefined): string | undefined {
  return text === undefined ? undefined : readAddress(text).number;
}

/** Named tenants, vendors' ids of enterprises and groups, and the domains of the parties' addresses. */
function tenantsOf(source: PolicySource): string[] {
  const { metadata, words } = source;
  const named = told(source, 'tenant')?.split(/[,;]/) ?? [];
  const vendors = words.flatMap((word) => word.tenants ?? []);
  const domains = (metadata?.participants ?? []).flatMap((one) => one.aors.flatMap(domainOf));
  const texts = [...named, ...vendors, ...domains].map((text) => cleanText(text, 128)).filter((text) => text !== '');
  return [...new Set(texts)].slice(0, TENANTS);
}

/** Host part of an address of record, unless it is a machine's address, which says nothing of whose call it is. */
function domainOf(aor: string): string[] {
  const host = /@([^;?>:\s]+)/.exec(aor)?.[1]?.toLowerCase();
  return host === undefined || host.startsWith('[') || isIP(host) !== 0 || host.endsWith('.invalid') ? [] : [host];
}
