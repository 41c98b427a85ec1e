import { createHmac, hkdfSync } from 'node:crypto';
import { type Random, systemRandom } from '../../base/ids.ts';
import { freeBytes } from '../../base/free-bytes.ts';
import { encodeStanzas, finishHeader } from './format.ts';
import { FILE_KEY, type Recipient } from './recipients.ts';
import { CHUNK, pieces, sealChunk } from './stream.ts';

export const NONCE = 16;

export function headerMac(fileKey: Buffer, covered: Buffer): Buffer {
  const key = Buffer.from(hkdfSync('sha256', fileKey, '', 'header', 32));
  return createHmac('sha256', key).update(covered).digest();
}

export function payloadKey(fileKey: Buffer, nonce: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', fileKey, nonce, 'payload', 32));
}

/**
 * Seals a stream as an age v1 file that each of the recipients can open. Holds one chunk of 64 KiB at a time; the output's
 * first item is the header. Each item is good until the next is asked for.
 * @throws RangeError without a recipient
 */
export async function* sealStream(
  recipients: readonly Recipient[],
  plaintext: AsyncIterable<Uint8Array>,
  random: Random = systemRandom,
): AsyncGenerator<Uint8Array> {
  if (recipients.length === 0) throw new RangeError('sealStream: no recipient');
  const fileKey = random(FILE_KEY);
  const covered = encodeStanzas(recipients.map((recipient) => recipient.wrap(fileKey)));
  const nonce = random(NONCE);
  const key = payloadKey(fileKey, nonce);
  yield Buffer.concat([finishHeader(covered, headerMac(fileKey, covered)), nonce]);
  let index = 0;
  for await (const { bytes, last } of pieces(plaintext, CHUNK)) {
    const [body, tag] = sealChunk(key, index++, last, bytes);
    yield body;
    freeBytes(body);
    yield tag;
  }
}

/** Seals bytes that are in memory anyway. */
export function sealBytes(
  recipients: readonly Recipient[],
  plaintext: Uint8Array,
  random: Random = systemRandom,
): Buffer {
  if (recipients.length === 0) throw new RangeError('sealBytes: no recipient');
  const fileKey = random(FILE_KEY);
  const covered = encodeStanzas(recipients.map((recipient) => recipient.wrap(fileKey)));
  const nonce = random(NONCE);
  const key = payloadKey(fileKey, nonce);
  const parts: Buffer[] = [finishHeader(covered, headerMac(fileKey, covered)), nonce];
  for (let index = 0, at = 0; at < plaintext.length || index === 0; index += 1, at += CHUNK) {
    parts.push(...sealChunk(key, index, at + CHUNK >= plaintext.length, plaintext.subarray(at, at + CHUNK)));
  }
  return Buffer.concat(parts);
}
