import { timingSafeEqual, type KeyObject } from 'node:crypto';
import { loadAddon } from '../base/addon.ts';
import { recordKey, sealRecord, TAG_BYTES } from './spool.ts';

/** Where a record is sealed: its header stands in `bytes` from `start` on, behind it there is room for ciphertext and tag. */
export interface RecordPlace {
  readonly bytes: Buffer;
  readonly start: number;
  readonly headerBytes: number;
  /** So many bytes of the header are additional data, behind the context. */
  readonly aadBytes: number;
}

/** Seals the records of one segment, each with a number that no other of them has. */
export interface RecordSealer {
  /** @param context additional data of every record: the segment's id */
  seal(number: number, context: Buffer, place: RecordPlace, body: Uint8Array): void;
}

/** native/sealer.c as JavaScript sees it. */
interface SealerAddon {
  open(key: Buffer): unknown;
  seal(
    sealer: unknown,
    number: number,
    context: Buffer,
    record: Buffer,
    from: number,
    header: number,
    aad: number,
    body: Uint8Array,
  ): void;
}

/** By the add-on where there is one: node:crypto makes five objects and two buffers for each record, which grow old before they are let go. */
export function recordSealer(segmentKey: Buffer): RecordSealer {
  addon ??= trusted();
  return addon.native === null ? new NodeSealer(segmentKey) : new NativeSealer(addon.native, segmentKey);
}

/** Looked for when the first segment is made. */
let addon: { readonly native: SealerAddon | null } | undefined;

/** The add-on, if it seals as node:crypto does. */
function trusted(): { native: SealerAddon | null } {
  const loaded = loadAddon<SealerAddon>('sealer');
  if (loaded.addon === null) return { native: null };
  const key = Buffer.alloc(32, 7);
  const [ours, theirs] = [new NativeSealer(loaded.addon, key), new NodeSealer(key)].map((sealer) => {
    const bytes = Buffer.alloc(100, 3);
    const place = { bytes, start: 5, headerBytes: 20, aadBytes: 16 };
    sealer.seal(0x01020304, Buffer.from('context'), place, Buffer.alloc(50, 9));
    return bytes;
  });
  return { native: timingSafeEqual(ours!, theirs!) ? loaded.addon : null };
}

export class NativeSealer implements RecordSealer {
  readonly #addon: SealerAddon;
  readonly #sealer: unknown;

  constructor(native: SealerAddon, segmentKey: Buffer) {
    this.#addon = native;
    this.#sealer = native.open(segmentKey);
  }

  seal(number: number, context: Buffer, { bytes, start, headerBytes, aadBytes }: RecordPlace, body: Uint8Array): void {
    this.#addon.seal(this.#sealer, number, context, bytes, start, headerBytes, aadBytes, body);
  }
}

export class NodeSealer implements RecordSealer {
  readonly #key: KeyObject;

  constructor(segmentKey: Buffer) {
    this.#key = recordKey(segmentKey);
  }

  seal(number: number, context: Buffer, { bytes, start, headerBytes, aadBytes }: RecordPlace, body: Uint8Array): void {
    const aad = Buffer.concat([context, bytes.subarray(start, start + aadBytes)]);
    const { ciphertext, tag } = sealRecord(this.#key, number, aad, body);
    const at = start + headerBytes;
    if (at + body.length + TAG_BYTES > bytes.length)
      throw new RangeError('the record has no room for what is to be sealed');
    ciphertext.copy(bytes, at);
    tag.copy(bytes, at + body.length);
  }
}
