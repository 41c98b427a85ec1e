import type { FastifyRequest } from 'fastify';
import { isIP } from 'node:net';
import { may } from '../../access/rules.ts';
import { EarshotError } from '../../base/errors.ts';
import { isSameMachine } from '../address.ts';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { bytesOf, guarded, named, problems } from '../schema.ts';
import { metricsText } from './metrics.ts';
import { Health, Status } from './schema.ts';
import { healthOf, statusOf } from './view.ts';

export function statusRoutes(app: App, context: ApiContext): void {
  healthRoute(app, context);
  statusRoute(app, context);
  metricsRoute(app, context);
}

function healthRoute(app: App, context: ApiContext): void {
  app.get(
    '/health',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getHealth',
        tags: ['status'],
        summary: 'Whether it works: 200, or 503 while it does not',
        description: 'For load balancers and watchdogs. GET /status tells more to those who may know.',
        security: [],
        response: {
          200: named(Health),
          503: { description: 'Not ready.', content: { 'application/json': { schema: named(Health) } } },
          429: problems()[429],
          500: problems()[500],
        },
      },
    },
    async (_request, reply) => {
      const status = await healthOf(context);
      return reply.code(status === 'ok' ? 200 : 503).send({ status });
    },
  );
}

function statusRoute(app: App, context: ApiContext): void {
  app.get(
    '/status',
    {
      config: { access: 'status.read' },
      schema: {
        operationId: 'getStatus',
        tags: ['status'],
        summary: 'Recorder, archive, disk, database, versions and alarms',
        response: { 200: named(Status), ...guarded() },
      },
    },
    () => statusOf(context),
  );
}

function metricsRoute(app: App, context: ApiContext): void {
  app.get(
    '/metrics',
    {
      // The rule is applied in the handler, since loopback needs no token.
      config: { access: 'handler' },
      schema: {
        operationId: 'getMetrics',
        tags: ['status'],
        summary: 'Prometheus metrics; with a token of scope metrics, or from the machine itself',
        response: { 200: bytesOf('Prometheus text format.', 'text/plain'), ...guarded() },
      },
    },
    async (request, reply) => {
      if (!may(request.actor, 'metrics.read') && !isLocalCaller(request)) {
        throw request.actor.kind === 'anonymous'
          ? new EarshotError('NOT_SIGNED_IN', 'metrics need a token of scope metrics.')
          : new EarshotError('NOT_ALLOWED', 'you may not read metrics.');
      }
      return reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metricsText(context));
    },
  );
}

/**
 * A caller on this machine that names it by address or as `localhost`: a web page whose own name was made to point at 127.0.0.1 does
 * not count.
 */
function isLocalCaller(request: FastifyRequest): boolean {
  const host = request.hostname.replace(/^\[|\]$/g, '');
  return isSameMachine(request) && (host === 'localhost' || isIP(host) !== 0);
}
