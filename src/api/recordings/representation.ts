import { type Mp3File, mp3Stream } from '../../audio/mp3.ts';
import { type OpusFile, opusStream } from '../../audio/opus.ts';
import type { RandomBytes, StoredAudio } from '../../audio/types.ts';
import { mulawBytes, type VirtualFile, wavPcmBytes } from '../../audio/virtual-file.ts';
import type { OpenedAudio } from '../context.ts';
import type { AudioFormat } from './schema.ts';

/** A recording's audio in one format. */
export interface Representation {
  readonly contentType: string;
  readonly extension: string;
  readonly size: number;
  /** Null: only the whole can be read, from its beginning. */
  readonly part: ((from: number, to: number) => AsyncIterable<Uint8Array>) | null;
  whole(): AsyncIterable<Uint8Array>;
}

/** What is made is made while it is read; nothing is read before. */
export function representationOf({ audio, bytes }: OpenedAudio, format: AudioFormat): Representation {
  switch (format) {
    case 'wav':
      return virtual(wavPcmBytes(audio), 'wav');
    case 'ul':
      return virtual(mulawBytes(audio), 'ul');
    case 'original':
      return virtual(original(bytes, audio.container), audio.container);
    case 'mp3':
      return encoded(mp3Stream(audio), 'mp3');
    case 'opus':
      return encoded(opusStream(audio), 'opus');
  }
}

function virtual(file: VirtualFile, extension: string): Representation {
  return {
    contentType: file.mimeType,
    extension,
    size: file.size,
    part: (from, to) => file.bytes(from, to),
    whole: () => file.bytes(),
  };
}

function encoded(file: Mp3File | OpusFile, extension: string): Representation {
  return { contentType: file.mimeType, extension, size: file.size, part: null, whole: () => file.bytes() };
}

/** Two chunks of age a read. */
const BYTES_A_READ = 128 * 1024;

function original(bytes: RandomBytes, container: StoredAudio['container']): VirtualFile {
  return {
    size: bytes.size,
    mimeType: `audio/${container}`,
    async *bytes(from = 0, to = bytes.size) {
      for (let at = from; at < to;) {
        const piece = await bytes.read(at, Math.min(BYTES_A_READ, to - at));
        if (piece.length === 0) return;
        yield piece;
        at += piece.length;
      }
    },
  };
}
