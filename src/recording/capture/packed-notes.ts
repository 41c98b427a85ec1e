import type { Note, PackedNotes } from './types.ts';

export function packNotes(notes: readonly Note[]): PackedNotes {
  const bytes = new Uint8Array(notes.reduce((sum, note) => sum + note.bytes.length, 0));
  let at = 0;
  const heads = notes.map(({ callId, kind, bytes: own }) => {
    bytes.set(own, at);
    at += own.length;
    return { callId, kind, length: own.length };
  });
  return { heads, bytes };
}

/** The notes, with views of the packed bytes. */
export function* unpackNotes({ heads, bytes }: PackedNotes): Generator<Note> {
  let at = 0;
  for (const { callId, kind, length } of heads) {
    yield { callId, kind, bytes: bytes.subarray(at, at + length) };
    at += length;
  }
}
