import { actorText } from '../../access/actor.ts';
import { EarshotError } from '../../base/errors.ts';
import type { App } from '../app.ts';
import { auditOf } from '../audit/write.ts';
import type { ApiContext } from '../context.ts';
import { bytesOf, guarded, IdParams } from '../schema.ts';
import { sendAudio } from './audio.ts';
import { findRecording } from './routes.ts';
import { Plays } from './plays.ts';
import { AudioQuery } from './schema.ts';
import { isPlayable } from './view.ts';

const AUDIO_TYPES = ['audio/wav', 'audio/flac', 'audio/mpeg', 'audio/ogg', 'audio/basic'];

/** GET and HEAD of the audio itself. */
export function audioRoutes(app: App, context: ApiContext): void {
  const plays = new Plays(context.clock);
  app.get(
    '/recordings/:id/audio',
    {
      exposeHeadRoute: true,
      // A first look only: whether this is a play or a download is known in the handler.
      config: { access: 'recordings.play' },
      schema: {
        operationId: 'getAudio',
        tags: ['recordings'],
        summary: 'The audio, as a whole or by range',
        description:
          'Ranges (RFC 9110 §14) are answered with 206 and cost only what they touch. If-Range and If-None-Match work with the ETag.',
        params: IdParams,
        querystring: AudioQuery,
        response: {
          200: bytesOf('The audio.', ...AUDIO_TYPES),
          206: bytesOf('A part of it.', ...AUDIO_TYPES),
          304: { type: 'null', description: 'You have it already.' },
          ...guarded(404, 410, 416, 503),
        },
      },
    },
    async (request, reply) => {
      const { format = 'wav', download: flag } = request.query;
      const download = flag === '1';
      const action = download ? 'recordings.download' : 'recordings.play';
      const recording = await findRecording(context, request, request.params.id, action);
      if (!isPlayable(recording)) throw new EarshotError('NOT_FOUND', 'this recording has no audio: none arrived.');
      if (request.method === 'GET' && plays.isNew(actorText(request.actor), action, recording.id, format, request.ip)) {
        await auditOf(context, request, action, 'done', recording.id, { recordId: recording.recordId, format });
      }
      return sendAudio({ context, request, reply, recording, format, download });
    },
  );
}
