import type { TrunkHeaders } from '../../../base/trunks.ts';
import type { Direction, PartyFacts } from '../../../policy/types.ts';
import type { Headers } from '../../../sip/headers.ts';
import type { SessionFacts, StreamFacts } from '../../types.ts';
import type { Metadata } from '../metadata/types.ts';
import { joinKeysOf } from './join-keys.ts';
import { partiesFromHeaders, partiesOf } from './parties.ts';
import { policyFactsOf } from './policy-facts.ts';
import { assignSpeakers, type SignalledStream } from './streams.ts';
import { vendorIdsOf } from './vendor-ids.ts';
import type { Attachment, VendorWord } from './vendor.ts';
import { VENDORS } from './vendors/index.ts';

/** All that is known of a recording session at a moment. */
export interface FactSource {
  /** Name of the trunk. */
  readonly trunk: string;
  readonly requestUri: string;
  readonly headers: Headers;
  readonly metadata: Metadata | undefined;
  readonly attachments: readonly Attachment[];
  readonly streams: readonly SignalledStream[];
  /** The trunk's own names of headers that tell what policy asks for. */
  readonly factHeaders?: TrunkHeaders;
  /** Why the latest metadata could not be read, or not to its end; a clause. */
  readonly metadataFault?: string;
  /** What else went wrong while reading, in sentences for the administrator. */
  readonly notes: readonly string[];
}

const WARNINGS = 32;

/** Turns what a recording client says into facts. Pure; the same words give the same facts. */
export function buildFacts(source: FactSource): SessionFacts {
  const { headers, metadata, attachments } = source;
  const words = VENDORS.flatMap((vendor) => vendor.read({ trunk: source.trunk, headers, metadata, attachments }) ?? []);
  const { parties, streams, warnings } = whoSpeaks(source, words);
  const fault = source.metadataFault;
  const unread =
    fault === undefined ? [] : [`The metadata could not be read as a whole: ${fault}. It is kept as it came.`];
  return {
    call: {
      trunk: source.trunk,
      parties,
      direction: directionOf(words),
      vendorIds: vendorIdsOf({ headers, metadata, words }),
      ...policyFactsOf({ requestUri: source.requestUri, headers, metadata, words, names: source.factHeaders ?? {} }),
    },
    streams,
    warnings: [...unread, ...source.notes, ...warnings].slice(0, WARNINGS),
    joinKeys: joinKeysOf({ trunk: source.trunk, headers, metadata, words }),
  };
}

interface WhoSpeaks {
  readonly parties: readonly PartyFacts[];
  readonly streams: StreamFacts[];
  readonly warnings: string[];
}

function whoSpeaks(source: FactSource, words: readonly VendorWord[]): WhoSpeaks {
  const { metadata } = source;
  if (metadata !== undefined && metadata.participants.length > 0) {
    const known = partiesOf(metadata, words);
    return { parties: known.map((one) => one.facts), ...assignSpeakers(source.streams, metadata, known) };
  }
  const outside = words.flatMap((word) => word.outside ?? []);
  if (outside.length > 0) return fromOutside(source.streams, outside);
  return fromHeaders(source);
}

function directionOf(words: readonly VendorWord[]): Direction {
  return words.find((word) => word.direction !== undefined)?.direction ?? 'UNKNOWN';
}

/** Parties by headers that name their m-lines (Cisco, network-based). */
function fromOutside(streams: readonly SignalledStream[], outside: NonNullable<VendorWord['outside']>): WhoSpeaks {
  const parties = outside.map((one, index) => ({ id: `participant-${index}`, ...one.address }));
  const spoken = streams.map((stream) =>
    plain(
      stream,
      outside.flatMap((one, index) => (one.streams.includes(stream.index) ? [`participant-${index}`] : [])),
    ),
  );
  return { parties, streams: spoken, warnings: [] };
}

/**
 * No metadata: the ends of the headers. On which stream each of them speaks is not told; a single stream carries them all. Nobody told: one
 * unknown party for each stream.
 */
function fromHeaders({ headers, requestUri, streams, metadata, metadataFault }: FactSource): WhoSpeaks {
  const none = metadataFault === undefined ? ['No metadata came with this session.'] : [];
  const warnings = metadata === undefined ? none : ['The metadata names no parties.'];
  const parties = partiesFromHeaders(headers, requestUri);
  if (parties.length > 0) {
    const speakers = streams.length === 1 ? parties.map((one) => one.id) : [];
    return { parties, streams: streams.map((one) => plain(one, speakers)), warnings };
  }
  return {
    parties: streams.map((one) => ({ id: `stream-${one.index}` })),
    streams: streams.map((one) => plain(one, [`stream-${one.index}`])),
    warnings,
  };
}

function plain(stream: SignalledStream, speakers: readonly string[]): StreamFacts {
  const { labelled: _, ...facts } = stream;
  return { ...facts, speakers };
}
