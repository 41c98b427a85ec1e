import { SEGMENT_ID_BYTES, CARRIED, decodeRecordHeader, recastRecordHeader, RECORD_HEADER_BYTES } from './format.ts';
import { WRAPPED_KEY_BYTES } from '../../seal/spool.ts';
import type { RecordHeader, SegmentHeader } from './format.ts';

/**
 * A record that was carried to another segment keeps its ciphertext: the recorder has no key to open it. So it takes along what is
 * needed to open it. Its header is the old one with {@link CARRIED} in the kind; its body:
 *
 * ```
 *  0                  16                        97                    145
 * +------------------+-------------------------+---------------------+-------------…
 * | segment id       | wrapped segment key     | the old header (48) | ciphertext
 * +------------------+-------------------------+---------------------+-------------…
 * ```
 *
 * The tag behind it is the old one. The old header is part of what the tag protects, so nothing of it can be changed unnoticed.
 */
const WRAPPED_AT = SEGMENT_ID_BYTES;
const HEADER_AT = WRAPPED_AT + WRAPPED_KEY_BYTES;
const CIPHERTEXT_AT = HEADER_AT + RECORD_HEADER_BYTES;

/** Where a record comes from. */
export type Origin = Pick<SegmentHeader, 'id' | 'wrappedKey'>;

export interface CarriedRecord {
  readonly origin: Origin;
  /** The record's header in the segment that it was sealed into, as it stood there. */
  readonly head: Buffer;
  readonly header: RecordHeader;
  readonly ciphertext: Buffer;
}

/**
 * The bytes of a record for another segment.
 * @param head its header as it stands
 * @param sealed what follows the header: body and tag
 */
export function carryRecord(origin: Origin, head: Buffer, header: RecordHeader, sealed: Buffer): Buffer[] {
  // Carried before: it goes on as it is.
  if ((header.kind & CARRIED) !== 0) return [head, sealed];
  const recast = recastRecordHeader(head, header.kind | CARRIED, CIPHERTEXT_AT + header.bodyBytes);
  return [recast, origin.id, origin.wrappedKey, head, sealed];
}

/** Takes the body of a carried record apart; null when it is none, or when its two headers do not tell of the same record. */
export function openCarried(outer: RecordHeader, body: Buffer): CarriedRecord | null {
  const header = decodeRecordHeader(body, HEADER_AT);
  if (header === null || header.bodyBytes !== body.length - CIPHERTEXT_AT) return null;
  const isSame =
    header.callId === outer.callId &&
    header.epoch === outer.epoch &&
    header.sequence === outer.sequence &&
    header.baseUs === outer.baseUs &&
    (header.kind | CARRIED) === outer.kind;
  if (!isSame) return null;
  return {
    origin: { id: body.subarray(0, WRAPPED_AT), wrappedKey: body.subarray(WRAPPED_AT, HEADER_AT) },
    head: body.subarray(HEADER_AT, CIPHERTEXT_AT),
    header,
    ciphertext: body.subarray(CIPHERTEXT_AT),
  };
}
