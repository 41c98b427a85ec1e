import { RtpView } from '../packet.ts';
import { type SrtpKeys } from './keys.ts';
import { protectionBy } from './protection.ts';
import { ReplayWindow } from './replay.ts';
import { candidates, estimateRoc, type RolloverSearch } from './rollover.ts';
import { NOT_AUTHENTIC, RTCP_ENCRYPTED, type SrtpTransform } from './transform.ts';

/** Answers beside the end of an opened packet, which is never negative. */
export const REPLAYED = -2;
export { NOT_AUTHENTIC };

/** One synchronization source as this key knows it (RFC 3711 §3.2.3). */
export interface SourceState {
  /** Of its newest packet. */
  roc: number;
  sequence: number;
  /** Monotonic ms of its newest packet. */
  heard: number;
  readonly window: ReplayWindow;
}

interface Master {
  readonly mki: Buffer;
  readonly transform: SrtpTransform;
}

/** A peer with more sources than this on one stream loses what is known of the one that was silent longest. */
const MOST_SOURCES = 64;
const SEQUENCES = 0x1_0000;
const RTCP_LEAST_BYTES = 8 + 4;
const RTP_HEADER_BYTES = 12;

/**
 * Everything that belongs to the keys of one crypto attribute: its master keys, told apart by MKI, and per source rollover counter and replay window. A source is
 * remembered only from a packet that was authenticated.
 */
export class KeySet {
  readonly keys: SrtpKeys;
  readonly #masters: readonly Master[];
  readonly #sources = new Map<number, SourceState>();
  readonly #rtcpWindows = new Map<number, ReplayWindow>();
  readonly #view = new RtpView();
  /** The source of the packet before: most streams have one. */
  #last: SourceState | undefined;
  #lastSsrc = -1;

  constructor(keys: SrtpKeys) {
    this.keys = keys;
    this.#masters = keys.masters.map((master) => ({ mki: master.mki, transform: protectionBy(keys.suite, master) }));
  }

  source(ssrc: number): SourceState | undefined {
    if (ssrc !== this.#lastSsrc) {
      this.#last = this.#sources.get(ssrc);
      this.#lastSsrc = ssrc;
    }
    return this.#last;
  }

  /**
   * Checks an RTP packet and decrypts it in place.
   * @param former what the key before this one knows of a source: its rollover counter goes on (RFC 3711 §3.3.1)
   * @returns end of the plain packet, {@link REPLAYED} or {@link NOT_AUTHENTIC}
   */
  openRtp(bytes: Buffer, nowMs: number, search: RolloverSearch, former?: KeySet): number {
    const view = this.#view;
    // Padding is encrypted: only the payload's beginning can be read yet.
    if (!view.read(bytes)) return NOT_AUTHENTIC;
    const transform = this.#transformAt(bytes, 'rtp', RTP_HEADER_BYTES);
    if (transform === null) return NOT_AUTHENTIC;
    const { ssrc, sequence, payloadStart } = view;
    const source = this.source(ssrc);
    if (source === undefined) return this.#meet(bytes, transform, nowMs, search, former?.source(ssrc));
    const roc = estimateRoc(source.roc, source.sequence, sequence);
    if (roc < 0) return REPLAYED;
    const isSilent = search.isSilent(nowMs - source.heard);
    if (!source.window.isFresh(roc * SEQUENCES + sequence)) return REPLAYED;
    const end = transform.openRtp(bytes, payloadStart, bytes.length, ssrc, roc, sequence);
    if (end !== NOT_AUTHENTIC) {
      take(source, roc, sequence, nowMs);
      return end;
    }
    return isSilent ? this.#catchUp(bytes, transform, nowMs, search, source) : NOT_AUTHENTIC;
  }

  /** A compound of RTCP; the answers as of {@link openRtp}. */
  openRtcp(bytes: Buffer): number {
    const transform = this.#transformAt(bytes, 'rtcp', RTCP_LEAST_BYTES);
    if (transform === null) return NOT_AUTHENTIC;
    const wordAt = transform.rtcpIndexAt(bytes.length);
    if (wordAt < RTCP_LEAST_BYTES - 4) return NOT_AUTHENTIC;
    const ssrc = bytes.readUInt32BE(4);
    const index = bytes.readUInt32BE(wordAt) % RTCP_ENCRYPTED;
    const window = this.#rtcpWindows.get(ssrc) ?? new ReplayWindow();
    if (!window.isFresh(index)) return REPLAYED;
    const end = transform.openRtcp(bytes, bytes.length);
    if (end === NOT_AUTHENTIC) return NOT_AUTHENTIC;
    window.take(index);
    this.#rtcpWindows.set(ssrc, window);
    if (this.#rtcpWindows.size > MOST_SOURCES) this.#rtcpWindows.delete(this.#rtcpWindows.keys().next().value!);
    return end;
  }

  /** The first packet of a source: its rollover counter has to be found. */
  #meet(
    bytes: Buffer,
    transform: SrtpTransform,
    nowMs: number,
    search: RolloverSearch,
    former: SourceState | undefined,
  ): number {
    const { ssrc, sequence, payloadStart } = this.#view;
    const expected = former === undefined ? 0 : Math.max(0, estimateRoc(former.roc, former.sequence, sequence));
    for (const roc of candidates(expected, search.most)) {
      if (roc !== expected && !search.allows(roc, nowMs)) break;
      const end = transform.openRtp(bytes, payloadStart, bytes.length, ssrc, roc, sequence);
      if (end === NOT_AUTHENTIC) continue;
      const source: SourceState = { roc, sequence, heard: nowMs, window: new ReplayWindow() };
      this.#remember(ssrc, source);
      take(source, roc, sequence, nowMs);
      return end;
    }
    return NOT_AUTHENTIC;
  }

  /** After a silence the counter may have gone on unheard. */
  #catchUp(
    bytes: Buffer,
    transform: SrtpTransform,
    nowMs: number,
    search: RolloverSearch,
    source: SourceState,
  ): number {
    const { ssrc, sequence, payloadStart } = this.#view;
    const most = source.roc + search.mostIn(nowMs - source.heard);
    for (let roc = source.roc; roc <= most && search.allows(roc, nowMs); roc++) {
      if (!source.window.isFresh(roc * SEQUENCES + sequence)) continue;
      const end = transform.openRtp(bytes, payloadStart, bytes.length, ssrc, roc, sequence);
      if (end === NOT_AUTHENTIC) continue;
      take(source, roc, sequence, nowMs);
      return end;
    }
    return NOT_AUTHENTIC;
  }

  #remember(ssrc: number, source: SourceState): void {
    this.#sources.set(ssrc, source);
    this.#last = source;
    this.#lastSsrc = ssrc;
    if (this.#sources.size <= MOST_SOURCES) return;
    let oldest = ssrc;
    for (const [one, { heard }] of this.#sources) if (heard < (this.#sources.get(oldest)?.heard ?? 0)) oldest = one;
    this.#sources.delete(oldest);
  }

  /** The transform of the master key that the packet names; null: too short, or no key of ours. */
  #transformAt(bytes: Buffer, packets: 'rtp' | 'rtcp', least: number): SrtpTransform | null {
    const [first] = this.#masters;
    const at = first!.transform.mkiAt(bytes.length, packets);
    if (at < least) return null;
    if (first!.mki.length === 0) return first!.transform;
    const length = first!.mki.length;
    return this.#masters.find(({ mki }) => bytes.compare(mki, 0, length, at, at + length) === 0)?.transform ?? null;
  }
}

function take(source: SourceState, roc: number, sequence: number, nowMs: number): void {
  source.window.take(roc * SEQUENCES + sequence);
  source.heard = nowMs;
  if (roc < source.roc || (roc === source.roc && sequence < source.sequence)) return;
  source.roc = roc;
  source.sequence = sequence;
}
