import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EarshotError } from '../../base/errors.ts';
import type { ApiContext, OpenedAudio, RecordingRow } from '../context.ts';
import { baseNameOf, dispositionOf } from './filename.ts';
import { type ByteRange, isKnown, parseRange, rangeStands } from './range.ts';
import { type Representation, representationOf } from './representation.ts';
import type { AudioFormat } from './schema.ts';

export interface AudioRequest {
  readonly context: ApiContext;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly recording: RecordingRow;
  readonly format: AudioFormat;
  readonly download: boolean;
}

/** Answers with the audio, a part of it, or 304/416; reads from the store only what the answer holds, as fast as the client takes it. */
export async function sendAudio(asked: AudioRequest): Promise<FastifyReply> {
  const { context, request, reply, recording, format } = asked;
  const etag = etagOf(recording, format);
  if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).header('etag', etag).send();
  const opened = await context.audio.open(recording.id);
  try {
    const made = representationOf(opened, format);
    describe(asked, made, etag);
    const range = rangeOf(request, made, etag);
    if (range === 'none') {
      void reply.header('content-range', `bytes */${made.size}`);
      throw new EarshotError('RANGE_INVALID', `the range lies outside of the ${made.size} bytes.`, { key: 'range' });
    }
    return send(asked, opened, made, range);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** The same bytes for ever: what the manifest names, in this format, made by this way of making it. */
function etagOf(recording: RecordingRow, format: AudioFormat): string {
  return `"${createHash('sha256').update(`1 ${format} ${recording.manifestSha256}`).digest('base64url').slice(0, 27)}"`;
}

function describe({ reply, recording, download }: AudioRequest, made: Representation, etag: string): void {
  const name = `${baseNameOf(recording)}.${made.extension}`;
  void reply
    .type(made.contentType)
    .header('etag', etag)
    .header('accept-ranges', made.part === null ? 'none' : 'bytes')
    .header('content-disposition', dispositionOf(download ? 'attachment' : 'inline', name))
    // No browser is to keep a conversation on its disk.
    .header('cache-control', 'private, no-store');
}

function rangeOf(request: FastifyRequest, made: Representation, etag: string): ByteRange | 'whole' | 'none' {
  const ifRange = request.headers['if-range'];
  const stands = rangeStands(typeof ifRange === 'string' ? ifRange : undefined, etag);
  return made.part !== null && request.method === 'GET' && stands
    ? parseRange(request.headers.range, made.size)
    : 'whole';
}

function send(asked: AudioRequest, opened: OpenedAudio, made: Representation, range: ByteRange | 'whole') {
  const { context, request, reply } = asked;
  const { from, to } = range === 'whole' ? { from: 0, to: made.size } : range;
  void reply.header('content-length', to - from);
  if (range !== 'whole') void reply.code(206).header('content-range', `bytes ${from}-${to - 1}/${made.size}`);
  if (request.method === 'HEAD') return reply.send(flow(context, opened, Readable.from([])));
  const pieces = range === 'whole' || made.part === null ? made.whole() : made.part(from, to);
  return reply.send(flow(context, opened, pieces));
}

/** A stream that reads on only when the client has taken what was read; whatever ends it, the audio is closed. */
function flow(context: ApiContext, opened: OpenedAudio, pieces: AsyncIterable<Uint8Array>): Readable {
  const stream = Readable.from(pieces, { objectMode: false, highWaterMark: 256 * 1024 });
  stream.once('close', () => {
    opened.close().catch((error: unknown) => context.log.warn({ error }, 'audio could not be closed'));
  });
  return stream;
}
