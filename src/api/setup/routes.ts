import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { named, problems } from '../schema.ts';
import { setSessionCookie } from '../session/cookie.ts';
import { sessionOf } from '../session/routes.ts';
import { Session } from '../session/schema.ts';
import { Setup, SetupState } from './schema.ts';

export function setupRoutes(app: App, context: ApiContext): void {
  app.get(
    '/setup/state',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getSetupState',
        tags: ['setup'],
        summary: 'Whether the first administrator is still to be made',
        security: [],
        response: { 200: named(SetupState), ...problems(503) },
      },
    },
    async () => ({ needed: await context.access.setupNeeded() }),
  );
  app.post(
    '/setup',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'setUp',
        tags: ['setup'],
        summary: 'Make an administrator with a one-time link, and sign in',
        description: 'The link is printed at first start; a new one comes from the earshot command on the machine.',
        security: [],
        body: Setup,
        response: { 201: named(Session), ...problems(401, 403, 409, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const { link, ...person } = request.body;
      const opened = await context.access.setUp(link, person, request.ip);
      request.actor = opened.actor;
      setSessionCookie(request, reply, opened.secret, opened.actor.expiresAt);
      return reply.code(201).send(await sessionOf(context, opened.actor));
    },
  );
}
