import { createReadStream } from 'node:fs';
import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import { systemCode } from '../base/errors.ts';
import { canonicalJson } from './canonical.ts';
import type { Signer } from './signing.ts';

const Entry = Type.Object(
  {
    /** From 1, without a gap. */
    sequence: Type.Integer({ minimum: 1 }),
    /** Ms since 1970. */
    at: Type.Integer({ minimum: 0 }),
    kind: Type.Union([Type.Literal('kept'), Type.Literal('deleted')]),
    recordingId: Type.String(),
    /** Of the manifest (`kept`) or the tombstone (`deleted`), hex. */
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    /** SHA-256 of the line before, without its end; zeros for the first. */
    previous: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    signer: Type.String({ pattern: '^[0-9a-f]{16}$' }),
    /** Ed25519 over the canonical JSON of the other fields, base64. */
    signature: Type.String(),
  },
  { additionalProperties: false },
);

export type LedgerEntry = Static<typeof Entry>;

/** What the first entry follows. */
export const FIRST = { sequence: 0, hash: '0'.repeat(64) };

/** An entry as its line, without the line's end. */
export function writeEntry(fields: Omit<LedgerEntry, 'signer' | 'signature'>, signer: Signer): string {
  const body = { ...fields, signer: signer.keyId };
  return canonicalJson({ ...body, signature: signer.sign(Buffer.from(canonicalJson(body))) });
}

/** The entry, or null where the line is none, or not in the one way in which it can be written. */
export function parseEntry(line: string): LedgerEntry | null {
  try {
    const value: unknown = JSON.parse(line);
    return Check(Entry, value) && canonicalJson(value) === line ? value : null;
  } catch {
    return null;
  }
}

export interface LedgerLine {
  readonly line: string;
  /** Offset of the byte after its line end. */
  readonly end: number;
  /** False: the file ends before the line does. */
  readonly whole: boolean;
}

/** The lines of a file from byte `start` on, one at a time; none where there is no file. */
export async function* readLines(path: string, start = 0): AsyncGenerator<LedgerLine> {
  let rest = Buffer.alloc(0);
  let end = start;
  try {
    for await (const part of createReadStream(path, { start }) as AsyncIterable<Buffer>) {
      const bytes = rest.length === 0 ? part : Buffer.concat([rest, part]);
      let at = 0;
      for (let next = bytes.indexOf(10, at); next >= 0; next = bytes.indexOf(10, at)) {
        end += next + 1 - at;
        yield { line: bytes.toString('utf8', at, next), end, whole: true };
        at = next + 1;
      }
      rest = Buffer.from(bytes.subarray(at));
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  if (rest.length > 0) yield { line: rest.toString('utf8'), end: end + rest.length, whole: false };
}
