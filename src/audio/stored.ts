import { openFlac } from './flac-read.ts';
import type { RandomBytes, StoredAudio } from './types.ts';
import { openWav } from './wav-read.ts';

/**
 * Opens a stored recording, WAV or FLAC. Only its header is read now; samples when they are asked for, from any place.
 *
 * @throws EarshotError CODEC_UNSUPPORTED when it is neither, SEAL_CORRUPT when it is damaged.
 */
export async function openAudio(random: RandomBytes): Promise<StoredAudio> {
  const marker = Buffer.from(await random.read(0, 4)).toString('latin1');
  return marker === 'fLaC' ? openFlac(random) : openWav(random);
}

/** Bytes in memory as a source for {@link openAudio}. */
export function bytesInMemory(bytes: Uint8Array): RandomBytes {
  return { size: bytes.length, read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)) };
}
