/** What a transform says of a packet that was not made with its key. */
export const NOT_AUTHENTIC = -1;

/** First bit of the word with the SRTCP index: the packet is encrypted (RFC 3711 §3.4). */
export const RTCP_ENCRYPTED = 0x8000_0000;
export const RTCP_INDEX_BYTES = 4;
/** Header and SSRC of the first packet of a compound stay readable. */
export const RTCP_CLEAR_BYTES = 8;

/**
 * Protection by one master key, packets changed in place. `end` is the first byte after the packet; `from` the first of the RTP payload. Where the MKI and the tag
 * stand differs between AES-CM (… MKI, tag) and AEAD (… tag, MKI).
 */
export interface SrtpTransform {
  /** First byte of the MKI in a protected RTP or RTCP packet. */
  mkiAt(end: number, packets: 'rtp' | 'rtcp'): number;
  /** Where the word with E bit and index of an SRTCP packet stands. */
  rtcpIndexAt(end: number): number;
  /** @returns the end of the plain packet, or {@link NOT_AUTHENTIC}: nothing is changed then */
  openRtp(bytes: Buffer, from: number, end: number, ssrc: number, roc: number, sequence: number): number;
  /** `bytes` has room for what protection adds. @returns the end of the protected packet */
  sealRtp(bytes: Buffer, from: number, end: number, ssrc: number, roc: number, sequence: number): number;
  openRtcp(bytes: Buffer, end: number): number;
  sealRtcp(bytes: Buffer, end: number, index: number): number;
}
