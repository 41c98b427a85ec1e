import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { named, problems } from '../schema.ts';
import { setSessionCookie } from '../session/cookie.ts';
import { sessionOf } from '../session/routes.ts';
import { Session } from '../session/schema.ts';
import { InvitationLink, InvitationState, InvitationTake } from './schema.ts';

/** What an invited person does. The link is in the body: addresses get into logs. */
export function invitationRoutes(app: App, context: ApiContext): void {
  app.post(
    '/invitations/state',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getInvitation',
        tags: ['people'],
        summary: 'Whom an invitation is for',
        security: [],
        body: InvitationLink,
        response: { 200: named(InvitationState), ...problems(403, 413, 415, 503) },
      },
    },
    async (request) => {
      const { login, name, role } = await context.access.invitation(request.body.link, request.ip);
      return { login, name, role };
    },
  );
  app.post(
    '/invitations',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'takeInvitation',
        tags: ['people'],
        summary: 'Set the password and sign in',
        security: [],
        body: InvitationTake,
        response: { 201: named(Session), ...problems(403, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const { link, password } = request.body;
      const opened = await context.access.takeInvitation(link, password, request.ip);
      request.actor = opened.actor;
      setSessionCookie(request, reply, opened.secret, opened.actor.expiresAt);
      return reply.code(201).send(await sessionOf(context, opened.actor));
    },
  );
}
