/** A WAV file taken apart by its chunks (not by a reader of ours). */
export interface WavFile {
  /** 1 = PCM, 6 = A-law, 7 = µ-law. */
  readonly format: number;
  readonly rate: number;
  readonly bits: number;
  /** The bytes of each channel. */
  readonly channels: readonly Buffer[];
}

export function readWavFile(file: Buffer): WavFile {
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE') throw new Error('no WAV');
  const fmt = chunk(file, 'fmt ');
  const data = chunk(file, 'data');
  const count = fmt.readUInt16LE(2);
  const bits = fmt.readUInt16LE(14);
  return { format: fmt.readUInt16LE(0), rate: fmt.readUInt32LE(4), bits, channels: split(data, count, bits / 8) };
}

function chunk(file: Buffer, id: string): Buffer {
  for (let at = 12; at + 8 <= file.length;) {
    const length = file.readUInt32LE(at + 4);
    if (file.toString('latin1', at, at + 4) === id) return file.subarray(at + 8, at + 8 + length);
    at += 8 + length + (length % 2);
  }
  throw new Error(`the WAV file has no ${id} chunk`);
}

/** Interleaved samples of `width` bytes, channel by channel. */
export function split(data: Buffer, count: number, width: number): Buffer[] {
  const frames = data.length / count / width;
  return Array.from({ length: count }, (_, channel) => {
    const own = Buffer.alloc(frames * width);
    for (let frame = 0; frame < frames; frame++)
      data.copy(own, frame * width, (frame * count + channel) * width, (frame * count + channel + 1) * width);
    return own;
  });
}
