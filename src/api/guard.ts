import type { FastifyReply, FastifyRequest } from 'fastify';
import { anonymous, type Actor } from '../access/actor.ts';
import { may } from '../access/rules.ts';
import { EarshotError } from '../base/errors.ts';
import { isSameMachine } from './address.ts';
import type { App, RouteAccess } from './app.ts';
import { auditOf } from './audit/write.ts';
import type { ApiContext } from './context.ts';
import { readSessionCookie, setSessionCookie } from './session/cookie.ts';

/** Pages of other sites cannot send this header without asking first (CORS), and we never say yes. */
const REQUEST_HEADER = 'x-earshot-request';

const SAFE_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/** Puts the guard before all routes that are registered in this scope after it. */
export function guard(app: App, context: ApiContext): void {
  app.decorateRequest('actor');
  app.addHook('onRoute', (route) => {
    if (route.config?.access === undefined) throw new Error(`route ${route.url} does not say who may use it`);
  });
  app.addHook('onRequest', async (request, reply) => {
    const access = request.routeOptions.config.access ?? 'signed-in';
    request.actor = access === 'public' ? anonymous : await authenticate(context, request, reply, access);
    await refuseForgery(context, request);
    await refuseStranger(context, request, access);
  });
}

/** @throws EarshotError NOT_SIGNED_IN for a bearer token that is not good (any more); a cookie that is not good is no cookie */
async function authenticate(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  access: RouteAccess,
): Promise<Actor> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const secret = /^Bearer +([\x21-\x7e]{1,512})$/i.exec(authorization)?.[1];
    const actor = secret === undefined ? null : await context.access.byToken(secret, isSameMachine(request));
    if (actor !== null) return actor;
    throw new EarshotError('NOT_SIGNED_IN', 'the token is not good, or not any more.', { key: 'authorization' });
  }
  const cookie = readSessionCookie(request);
  if (cookie === undefined || cookie.length > 512) return anonymous;
  // An open page listens by itself; only what a person does prolongs the session.
  const found = await context.access.bySession(cookie, access !== 'events.read');
  if (found === null) return anonymous;
  if (found.renewed) setSessionCookie(request, reply, cookie, found.actor.expiresAt);
  return found.actor;
}

/** Whoever has a cookie, or is about to get one, must come from our own pages. */
async function refuseForgery(context: ApiContext, request: FastifyRequest): Promise<void> {
  if (SAFE_METHODS.includes(request.method)) return;
  if (request.actor.kind === 'token' || request.actor.kind === 'operator') return;
  const isForeign = comesFromElsewhere(request);
  const lacksHeader = request.actor.kind === 'user' && request.headers[REQUEST_HEADER] === undefined;
  if (!isForeign && !lacksHeader) return;
  // Only what was sent in somebody's name is put on record; anybody at all can send the rest.
  if (request.actor.kind === 'user') {
    await auditOf(context, request, 'request.forged', 'refused', null, { path: request.routeOptions.url ?? '' });
  }
  throw new EarshotError('NOT_ALLOWED', 'this request does not come from a page of Earshot.', {
    key: isForeign ? 'origin' : REQUEST_HEADER,
    remedy: `Requests with a session cookie need the header ${REQUEST_HEADER}: 1 and our own origin.`,
  });
}

function comesFromElsewhere(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  const { origin } = request.headers;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== request.host.toLowerCase().replace(/:(?:80|443)$/, '');
}

async function refuseStranger(context: ApiContext, request: FastifyRequest, access: RouteAccess): Promise<void> {
  if (access === 'public' || access === 'handler') return;
  if (request.actor.kind === 'anonymous') throw new EarshotError('NOT_SIGNED_IN', 'sign in first.');
  if (access === 'signed-in' || may(request.actor, access)) return;
  await auditOf(context, request, access, 'refused', subjectOf(request));
  throw new EarshotError('NOT_ALLOWED', `you may not do this (${access}).`);
}

/** The id of the path, as far as it can be told before the path is checked. */
function subjectOf(request: FastifyRequest): string | null {
  const { params } = request;
  const id = typeof params === 'object' && params !== null && 'id' in params ? params.id : null;
  return typeof id === 'string' ? id.slice(0, 100).replaceAll('\u0000', '') : null;
}
