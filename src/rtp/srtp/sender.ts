import { RtpView } from '../packet.ts';
import type { SrtpKeys } from './keys.ts';
import { protectionBy } from './protection.ts';
import type { SrtpTransform } from './transform.ts';

/** Room for tag, MKI and SRTCP index. */
const ROOM = 16 + 4 + 256;

/** The sending end of one SRTP stream; for test calls, as a recorder sends no media. Packets must come in their order. */
export class SrtpSender {
  readonly #transform: SrtpTransform;
  readonly #sources = new Map<number, { roc: number; sequence: number }>();
  readonly #view = new RtpView();
  #rtcpIndex = 0;

  /** Protects with the first of the keys. */
  constructor(keys: SrtpKeys) {
    this.#transform = protectionBy(keys.suite, keys.masters[0]!);
  }

  /** @returns the protected packet, in a buffer of its own. @throws RangeError when it is no RTP packet */
  protectRtp(packet: Uint8Array): Buffer {
    const view = this.#view;
    if (!view.read(packet)) throw new RangeError('not an RTP packet');
    const { ssrc, sequence, payloadStart } = view;
    const source = this.#sources.get(ssrc) ?? { roc: 0, sequence };
    if (sequence < source.sequence && source.sequence - sequence > 0x8000) source.roc++;
    const isBehind = sequence > source.sequence && sequence - source.sequence > 0x8000;
    const roc = isBehind ? Math.max(0, source.roc - 1) : source.roc;
    if (!isBehind) source.sequence = sequence;
    this.#sources.set(ssrc, source);
    const bytes = withRoom(packet);
    return bytes.subarray(0, this.#transform.sealRtp(bytes, payloadStart, packet.length, ssrc, roc, sequence));
  }

  /** The same for a compound of RTCP. */
  protectRtcp(compound: Uint8Array): Buffer {
    const bytes = withRoom(compound);
    return bytes.subarray(0, this.#transform.sealRtcp(bytes, compound.length, ++this.#rtcpIndex));
  }
}

function withRoom(packet: Uint8Array): Buffer {
  const bytes = Buffer.alloc(packet.length + ROOM);
  bytes.set(packet);
  return bytes;
}
