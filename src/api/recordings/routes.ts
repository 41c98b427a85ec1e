import { Type } from 'typebox';
import { actorText } from '../../access/actor.ts';
import { may, narrowingOf } from '../../access/rules.ts';
import type { App } from '../app.ts';
import type { ApiContext, RecordingFull } from '../context.ts';
import type { FastifyRequest } from 'fastify';
import { auditOf } from '../audit/write.ts';
import { EarshotError } from '../../base/errors.ts';
import { guarded, IdParams, named } from '../schema.ts';
import { listRecordings } from './list.ts';
import { reducePeaks } from './peaks.ts';
import { Manifest, Peaks, PeaksQuery, RecordingDetail, RecordingPage, RecordingQuery, Trace } from './schema.ts';
import { detailOf } from './view.ts';
import type { Action } from '../../access/rules.ts';

export function recordingRoutes(app: App, context: ApiContext): void {
  listRoutes(app, context);
  detailRoutes(app, context);
  insideRoutes(app, context);
  traceRoute(app, context);
  deleteRoute(app, context);
}

/**
 * The recording, if it is there and within the caller's reach. Out of reach looks the same as not there: ids of other accounts are
 * not to be learned.
 * @throws EarshotError NOT_FOUND
 */
export async function findRecording(
  context: ApiContext,
  request: FastifyRequest,
  id: string,
  action: Action,
): Promise<RecordingFull> {
  const recording = await context.recordings.get(id);
  const { accountId = null, userIds = [] } = recording ?? {};
  if (recording !== undefined && may(request.actor, action, { accountId, userIds })) return recording;
  // Also where there is none: the audit log that the caller may read must not tell the one from the other.
  await auditOf(context, request, action, 'refused', id);
  throw notThere();
}

function notThere(): EarshotError {
  return new EarshotError('NOT_FOUND', 'there is no such recording.', { key: 'id' });
}

function listRoutes(app: App, context: ApiContext): void {
  app.get(
    '/recordings',
    {
      config: { access: 'recordings.list' },
      schema: {
        operationId: 'listRecordings',
        tags: ['recordings'],
        summary: 'List and search recordings, newest first',
        querystring: RecordingQuery,
        response: { 200: named(RecordingPage), ...guarded(503) },
      },
    },
    (request) => listRecordings(context.recordings, narrowingOf(request.actor), request.query),
  );
}

function detailRoutes(app: App, context: ApiContext): void {
  app.get(
    '/recordings/:id',
    {
      config: { access: 'recordings.read' },
      schema: {
        operationId: 'getRecording',
        tags: ['recordings'],
        summary: 'One recording with its parties, tracks, events, decision and relatives',
        params: IdParams,
        response: { 200: named(RecordingDetail), ...guarded(404, 503) },
      },
    },
    async (request) => {
      const recording = await findRecording(context, request, request.params.id, 'recordings.read');
      const [conversation, decision] = await Promise.all([
        context.recordings.conversation(narrowingOf(request.actor), recording.conversationId),
        context.recordings.decision(recording.id).catch((error: unknown) => {
          context.log.warn({ recording: recording.id, error }, 'the decision cannot be read from the manifest');
          return null;
        }),
      ]);
      const related = conversation.filter((other) => other.id !== recording.id);
      return detailOf(recording, related, decision, request.actor);
    },
  );
}

function insideRoutes(app: App, context: ApiContext): void {
  app.get(
    '/recordings/:id/manifest',
    {
      config: { access: 'recordings.read' },
      schema: {
        operationId: 'getManifest',
        tags: ['recordings'],
        summary: 'The manifest: what was sealed, with its hashes and the exact account of losses',
        params: IdParams,
        response: { 200: named(Manifest), ...guarded(404, 410, 503) },
      },
    },
    async (request) => {
      const recording = await findRecording(context, request, request.params.id, 'recordings.read');
      return context.recordings.manifest(recording.id);
    },
  );
  app.get(
    '/recordings/:id/peaks',
    {
      config: { access: 'recordings.play' },
      schema: {
        operationId: 'getPeaks',
        tags: ['recordings'],
        summary: 'The wave form of each channel',
        params: IdParams,
        querystring: PeaksQuery,
        response: { 200: named(Peaks), ...guarded(404, 410, 503) },
      },
    },
    async (request) => {
      const recording = await findRecording(context, request, request.params.id, 'recordings.play');
      const peaks = await context.audio.peaks(recording.id);
      return { durationMs: recording.durationMs, channels: reducePeaks(peaks, request.query.width ?? 1000) };
    },
  );
}

function traceRoute(app: App, context: ApiContext): void {
  app.get(
    '/recordings/:id/trace',
    {
      config: { access: 'recordings.trace' },
      schema: {
        operationId: 'getTrace',
        tags: ['recordings'],
        summary: 'The SIP messages of the call, secrets masked',
        params: IdParams,
        response: { 200: named(Trace), ...guarded(404, 410, 503) },
      },
    },
    async (request) => {
      const recording = await findRecording(context, request, request.params.id, 'recordings.trace');
      const entries = await context.recordings.trace(recording.id);
      return {
        messages: entries.map((entry) => ({
          ...entry,
          local: entry.local ?? null,
          at: entry.at.toISOString(),
          summary: entry.text.split(/\r?\n/, 1)[0] ?? '',
        })),
      };
    },
  );
}

function deleteRoute(app: App, context: ApiContext): void {
  app.delete(
    '/recordings/:id',
    {
      config: { access: 'recordings.delete' },
      schema: {
        operationId: 'deleteRecording',
        tags: ['recordings'],
        summary: 'Delete a recording for ever: audio, copies and row; a tombstone stays in the ledger',
        params: IdParams,
        response: { 204: Type.Null({ description: 'Gone.' }), ...guarded(404, 503) },
      },
    },
    async (request, reply) => {
      const recording = await findRecording(context, request, request.params.id, 'recordings.delete');
      const actor = actorText(request.actor);
      if (!(await context.recordings.delete(recording.accountId, recording.id, actor))) throw notThere();
      return reply.code(204).send(null);
    },
  );
}
