import { Type } from 'typebox';
import type { Actor } from '../../access/actor.ts';
import { abilitiesOf, type Reach, reachOf } from '../../access/rules.ts';
import type { App } from '../app.ts';
import { EarshotError } from '../../base/errors.ts';
import { auditOf } from '../audit/write.ts';
import type { ApiContext } from '../context.ts';
import { guarded, named, problems } from '../schema.ts';
import { clearSessionCookie, setSessionCookie } from './cookie.ts';
import { PasswordChange, Session, SignIn } from './schema.ts';

/** Who the actor is and what he may do, for clients. */
export async function sessionOf(context: ApiContext, actor: Actor): Promise<Session> {
  if (actor.kind === 'anonymous' || actor.kind === 'phone')
    throw new EarshotError('NOT_SIGNED_IN', 'nobody is signed in.');
  const user = actor.kind === 'operator' ? null : actor.user;
  const reach = reachView(reachOf(actor));
  const settings = await context.settings.read();
  return {
    kind: actor.kind === 'user' ? 'session' : actor.kind,
    user: user === null ? null : { id: user.id, login: user.login, name: user.name, role: user.role },
    role: actor.kind === 'operator' ? 'operator' : actor.kind === 'token' ? actor.role : actor.user.role,
    reach,
    accountId: reach.accountId,
    abilities: abilitiesOf(actor),
    noticeAcknowledged: settings.noticeAcknowledged,
    expiresAt: actor.kind === 'user' ? actor.expiresAt.toISOString() : null,
  };
}

function reachView(reach: Reach): Session['reach'] {
  return {
    kind: reach.kind,
    brandId: 'brandId' in reach ? reach.brandId : null,
    accountId: 'accountId' in reach ? reach.accountId : null,
    userId: 'userId' in reach ? reach.userId : null,
  };
}

export function sessionRoutes(app: App, context: ApiContext): void {
  signInRoute(app, context);
  readRoute(app, context);
  signOutRoute(app, context);
  passwordRoute(app, context);
}

function signInRoute(app: App, context: ApiContext): void {
  app.post(
    '/session',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'signIn',
        tags: ['session'],
        summary: 'Sign in with login and password; sets the session cookie',
        security: [],
        body: SignIn,
        response: { 200: named(Session), ...problems(401, 403, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const { login, password } = request.body;
      const opened = await context.access.signIn(login, password, request.ip);
      request.actor = opened.actor;
      setSessionCookie(request, reply, opened.secret, opened.actor.expiresAt);
      return sessionOf(context, opened.actor);
    },
  );
}

function readRoute(app: App, context: ApiContext): void {
  app.get(
    '/session',
    {
      config: { access: 'signed-in' },
      schema: {
        operationId: 'getSession',
        tags: ['session'],
        summary: 'Who am I, and what may I do',
        response: { 200: named(Session), ...guarded(503) },
      },
    },
    (request) => sessionOf(context, request.actor),
  );
}

function signOutRoute(app: App, context: ApiContext): void {
  app.delete(
    '/session',
    {
      config: { access: 'signed-in' },
      schema: {
        operationId: 'signOut',
        tags: ['session'],
        summary: 'Sign out; the session is gone on the server too',
        response: { 204: Type.Null({ description: 'Signed out.' }), ...guarded(503) },
      },
    },
    async (request, reply) => {
      if (request.actor.kind === 'user') {
        await context.access.signOut(request.actor.sessionId);
        await auditOf(context, request, 'session.end', 'done', null);
      }
      clearSessionCookie(request, reply);
      return reply.code(204).send(null);
    },
  );
}

function passwordRoute(app: App, context: ApiContext): void {
  app.post(
    '/session/password',
    {
      config: { access: 'password.change' },
      schema: {
        operationId: 'changePassword',
        tags: ['session'],
        summary: 'Change your password; all your sessions end, this one goes on under a new cookie',
        body: PasswordChange,
        response: { 200: named(Session), ...guarded(413, 415, 503) },
      },
    },
    async (request, reply) => {
      if (request.actor.kind !== 'user') throw new EarshotError('NOT_ALLOWED', 'only a person has a password.');
      const { current, next } = request.body;
      const opened = await context.access.changePassword(request.actor.user.id, current, next, request.ip);
      await auditOf(context, request, 'password.change', 'done', request.actor.user.id);
      setSessionCookie(request, reply, opened.secret, opened.actor.expiresAt);
      return sessionOf(context, opened.actor);
    },
  );
}
