import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EarshotError } from '../../base/errors.ts';
import type { ApiContext, OpenedAudio, RecordingRow } from '../context.ts';
import { baseNameOf, dispositionOf } from './filename.ts';
import { isKnown, parseRange, rangeStands } from './range.ts';
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
    const made = representationOf(context.audio, opened, format);
    describe(asked, made, etag);
    return made.size === null ? sendWhole(asked, opened, made) : sendRange(asked, opened, made, made.size, etag);
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
    .header('accept-ranges', made.size === null ? 'none' : 'bytes')
    .header('content-disposition', dispositionOf(download ? 'attachment' : 'inline', name))
    // No browser is to keep a conversation on its disk.
    .header('cache-control', 'private, no-store');
}

function sendWhole({ context, request, reply }: AudioRequest, opened: OpenedAudio, made: Representation): FastifyReply {
  return reply.send(request.method === 'HEAD' ? nothing(context, opened) : flow(context, opened, made.read(0, 0)));
}

function sendRange(
  { context, request, reply }: AudioRequest,
  opened: OpenedAudio,
  made: Representation,
  size: number,
  etag: string,
): FastifyReply {
  const ifRange = request.headers['if-range'];
  const stands = rangeStands(typeof ifRange === 'string' ? ifRange : undefined, etag);
  const range = request.method === 'GET' && stands ? parseRange(request.headers.range, size) : 'whole';
  if (range === 'none') {
    void reply.header('content-range', `bytes */${size}`);
    throw new EarshotError('RANGE_INVALID', `the range lies outside of the ${size} bytes.`, { key: 'range' });
  }
  const { from, to } = range === 'whole' ? { from: 0, to: size } : range;
  if (range !== 'whole') void reply.code(206).header('content-range', `bytes ${from}-${to - 1}/${size}`);
  void reply.header('content-length', to - from);
  return reply.send(request.method === 'HEAD' ? nothing(context, opened) : flow(context, opened, made.read(from, to)));
}

/** A stream that reads on only when the client has taken what was read; whatever ends it, the audio is closed. */
function flow(context: ApiContext, opened: OpenedAudio, pieces: AsyncIterable<Uint8Array>): Readable {
  const stream = Readable.from(pieces, { objectMode: false, highWaterMark: 256 * 1024 });
  stream.once('close', () => {
    opened.close().catch((error: unknown) => context.log.warn({ error }, 'audio could not be closed'));
  });
  return stream;
}

/** HEAD: the headers alone. */
function nothing(context: ApiContext, opened: OpenedAudio): Readable {
  return flow(context, opened, Readable.from([]));
}
