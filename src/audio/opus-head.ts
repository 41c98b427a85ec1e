/** Units of a second in which Ogg counts the samples of Opus, whatever their rate (RFC 7845 section 4). */
export const GRANULES = 48_000;

export interface OpusFacts {
  readonly channels: 1 | 2;
  /** Of what was encoded; for information only. */
  readonly rate: number;
  /** Granules that a player throws away at the beginning. */
  readonly preSkip: number;
}

/** The first packet of the stream (RFC 7845 section 5.1), mapping family 0: one channel, or left and right. */
export function opusHead({ channels, rate, preSkip }: OpusFacts): Uint8Array {
  const head = Buffer.alloc(19);
  head.write('OpusHead', 'latin1');
  head[8] = 1;
  head[9] = channels;
  head.writeUInt16LE(preSkip, 10);
  head.writeUInt32LE(rate, 12);
  return head;
}

/** The second packet (RFC 7845 section 5.2), which tells of nothing but what made the file. */
export function opusTags(vendor: string): Uint8Array {
  const name = Buffer.from(vendor);
  const tags = Buffer.alloc(16 + name.length);
  tags.write('OpusTags', 'latin1');
  tags.writeUInt32LE(name.length, 8);
  name.copy(tags, 12);
  return tags;
}
