import '@fastify/cookie';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { Actor } from '../access/actor.ts';
import type { Action } from '../access/rules.ts';

/** The Fastify instance with TypeBox types, as routes are given it. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/**
 * What a route asks of its caller. `public`: nothing, and nobody is looked up. `handler`: the handler itself asks the rules.
 * `signed-in`: any actor but the anonymous. Otherwise the action, checked before the handler runs. A route without this word does
 * not start.
 */
export type RouteAccess = 'public' | 'handler' | 'signed-in' | Action;

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess;
  }
  interface FastifyRequest {
    actor: Actor;
  }
}
