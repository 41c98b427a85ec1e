/** Length of the part that the tag adds behind the `Info` fields. */
const LAME_BYTES = 36;

export interface Mp3Facts {
  /** Frames of sound, this one not counted. */
  readonly frames: number;
  readonly frameBytes: number;
  readonly channels: 1 | 2;
  /** Samples before the first and behind the last true one. */
  readonly delay: number;
  readonly padding: number;
  readonly kbps: number;
}

/**
 * The information frame that stands first in an MP3 file: a silent frame whose body names the number of frames and bytes and
 * what to cut off at both ends (the Xing header with LAME's extension, constant bit rate). `first` begins with a frame of the
 * stream, whose header is repeated.
 */
export function infoFrame(first: Uint8Array, facts: Mp3Facts): Uint8Array {
  const frame = Buffer.alloc(facts.frameBytes);
  frame.set(first.subarray(0, 4));
  // Neither padding bit nor joint stereo's mode extension.
  frame[2]! &= ~0x02;
  frame[3]! &= ~0x30;
  const mpeg1 = (frame[1]! & 0x08) !== 0;
  const sideInfo = facts.channels === 1 ? (mpeg1 ? 17 : 9) : mpeg1 ? 32 : 17;
  let at = 4 + sideInfo;
  frame.write('Info', at, 'latin1');
  // Frames and bytes follow.
  frame.writeUInt32BE(3, at + 4);
  frame.writeUInt32BE(facts.frames, at + 8);
  frame.writeUInt32BE((facts.frames + 1) * facts.frameBytes, at + 12);
  at += 16;
  frame.write('LAME3.100', at, 'latin1');
  // Tag revision 0, constant bit rate.
  frame[at + 9] = 1;
  frame[at + 20] = Math.min(255, facts.kbps);
  frame.writeUIntBE((facts.delay << 12) | facts.padding, at + 21, 3);
  frame.writeUInt32BE((facts.frames + 1) * facts.frameBytes, at + 28);
  frame.writeUInt16BE(tagCheckSum(frame.subarray(0, at + LAME_BYTES - 2)), at + LAME_BYTES - 2);
  return frame;
}

/** CRC-16 with the reflected polynomial 0xA001, over all before it. */
function tagCheckSum(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = (crc & 1) !== 0 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}
