import type { Headers } from '../../../sip/headers.ts';
import type { Direction } from '../../../policy/types.ts';
import type { ExtensionValue, Metadata } from '../metadata/types.ts';
import type { Address } from './address.ts';

/** What a vendor module may look at. */
export interface VendorSource {
  /** Name of the trunk. */
  readonly trunk: string;
  readonly headers: Headers;
  /** Undefined when none came or none could be read. */
  readonly metadata: Metadata | undefined;
  /** Body parts that are neither session description nor metadata, as text. */
  readonly attachments: readonly Attachment[];
}

export interface Attachment {
  /** Media type in lower case, without parameters. */
  readonly type: string;
  readonly text: string;
}

/** What a vendor's own data says beyond RFC 7865. Every field is optional: silence means that it does not say. */
export interface VendorWord {
  readonly direction?: Direction;
  /** Ids of the call at the vendor. `callId` = the Call-ID of the recorded call. */
  readonly ids?: Readonly<Record<string, string>>;
  /** Keys by which other sessions of the conversation can be known, `name=value`. */
  readonly joinKeys?: readonly string[];
  /** By position in `metadata.participants`. */
  readonly parties?: ReadonlyMap<number, PartyWord>;
  /** Number that was dialled first, where it is told apart from who answered (D3). */
  readonly dialled?: string;
  /** Caller id that an outgoing call presents, where it is told apart from who calls (D3). */
  readonly presented?: string;
  /** Queue or call centre that the call came through (D5). */
  readonly queue?: string;
  /** Ids of the enterprise, group or tenant (D8). */
  readonly tenants?: readonly string[];
  /** Parties told outside of the metadata, with the m-lines that they speak on. */
  readonly outside?: readonly { readonly address: Address; readonly streams: readonly number[] }[];
}

export interface PartyWord {
  readonly role?: 'caller' | 'callee';
  readonly number?: string;
  readonly name?: string;
  /** User name or opaque user id at the PBX (D8). */
  readonly user?: string;
  /** Device name or MAC (D8). */
  readonly device?: string;
  /** Agent id (D5, D8). */
  readonly agent?: string;
  /** The vendor lists it although it is no longer, or not yet, in the call. */
  readonly absent?: boolean;
}

/** One vendor's habits. Modules are asked in order; the first that says a thing is believed. */
export interface Vendor {
  readonly name: string;
  /** Undefined when the session is not of this vendor, or there is nothing to say. */
  read(source: VendorSource): VendorWord | undefined;
}

/** Leaves of extension data whose last name is `name`, in any letter case. */
export function leaves(metadata: Metadata | undefined, name: string): ExtensionValue[] {
  const wanted = name.toLowerCase();
  return (metadata?.extensions ?? []).filter((one) => lastName(one.path) === wanted);
}

/** The first non-empty value of such a leaf. */
export function leaf(metadata: Metadata | undefined, name: string): string | undefined {
  return leaves(metadata, name).find((one) => one.value !== '')?.value;
}

export function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).toLowerCase();
}

/** Position of the participant that an extension value belongs to; -1 when it belongs to none. */
export function participantOf(metadata: Metadata, value: ExtensionValue): number {
  return value.owner === 'participant' ? metadata.participants.findIndex((one) => one.id === value.ownerId) : -1;
}

/**
 * A join key. Values too short to be unique in the world, such as counters that begin anew on each machine, count within their
 * trunk only.
 */
export function joinKey(name: string, value: string, trunk: string): string {
  return value.length >= WORLDWIDE ? `${name}=${value}` : `${name}=${value}@${trunk}`;
}

/** Shorter than any UUID, longer than any counter. */
const WORLDWIDE = 20;

/** Drops the entries without a value. */
export function definedIds(ids: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(ids).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}
