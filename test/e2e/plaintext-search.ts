import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../../src/base/errors.ts';
import type { Needle } from './tone.ts';

/** Beginnings of audio files, those that we write among them. */
const HEADS: readonly Needle[] = [
  { name: 'a WAV header', bytes: Buffer.from('WAVEfmt '), width: 1 },
  { name: 'a FLAC header', bytes: Buffer.from('fLaC\0\0\0\x22', 'latin1'), width: 1 },
  { name: 'an MP3 header', bytes: Buffer.from('Info\0\0\0\x03', 'latin1'), width: 1 },
  { name: 'an MP3 header', bytes: Buffer.from('Xing\0\0\0\x03', 'latin1'), width: 1 },
  // With version and channels: the name alone stands in the program, too, and so in what Node keeps compiled.
  { name: 'an Opus header', bytes: Buffer.from('OpusHead\x01\x01', 'latin1'), width: 1 },
  { name: 'an Opus header', bytes: Buffer.from('OpusHead\x01\x02', 'latin1'), width: 1 },
];

/** All finds of audio in the files below the folders, as `file: what`. */
export function searchFolders(folders: readonly string[], needles: readonly Needle[]): string[] {
  return folders.flatMap((folder) =>
    filesBelow(folder).flatMap((file) => searchBytes(readIfThere(file), needles).map((found) => `${file}: ${found}`)),
  );
}

/** What of the needles and heads is in the bytes: plainly, or as one of two interleaved channels. */
export function searchBytes(bytes: Buffer, needles: readonly Needle[]): string[] {
  const found = new Set<string>();
  const look = (view: Buffer, some: readonly Needle[]) => {
    for (const { name, bytes: needle } of some) if (view.includes(needle)) found.add(name);
  };
  look(bytes, [...needles, ...HEADS]);
  for (const width of [1, 2] as const) {
    const some = needles.filter((needle) => needle.width === width);
    for (let start = 0; start < 2 * width; start++) look(everyOther(bytes, start, width), some);
  }
  return [...found];
}

/** Every other sample from `start` on. */
function everyOther(bytes: Buffer, start: number, width: 1 | 2): Buffer {
  const frames = Math.max(0, Math.floor((bytes.length - start) / (2 * width)));
  const own = Buffer.allocUnsafe(frames * width);
  for (let at = start, to = 0; to < own.length; at += 2 * width) {
    own[to++] = bytes[at]!;
    if (width === 2) own[to++] = bytes[at + 1]!;
  }
  return own;
}

export function filesBelow(folder: string): string[] {
  return entriesBelow(folder).filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isFile());
}

export function entriesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
}

/** A file may be removed while we look. */
function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
