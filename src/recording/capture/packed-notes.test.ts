import { expect, it } from 'vitest';
import { packNotes, unpackNotes } from './packed-notes.ts';
import type { Note } from './types.ts';

it('packs notes into memory of their own, whole and in order', () => {
  const notes: Note[] = ['', 'a', 'trace '.repeat(1000), '{}'].map((text, index) => ({
    callId: `call-${index}`,
    kind: index % 2 === 0 ? 'trace' : 'metadata',
    bytes: Buffer.from(text),
  }));
  const packed = packNotes(notes);
  expect(packed.bytes.buffer.byteLength).toBe(6003);
  // As it comes out at the other end.
  const moved = structuredClone(packed, { transfer: [packed.bytes.buffer] });
  expect([...unpackNotes(moved)].map(({ bytes, ...head }) => [head, Buffer.from(bytes).toString()])).toEqual(
    notes.map(({ bytes, ...head }) => [head, Buffer.from(bytes).toString()]),
  );
});
