import type { FastifyReply, FastifyRequest } from 'fastify';
import { anonymous } from '../../access/actor.ts';
import { messageOf } from '../../base/errors.ts';
import { networkOf } from '../../access/network.ts';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { problemOf } from '../problem.ts';
import { phoneAnswer } from './answer.ts';
import { press } from './press.ts';
import { formOf, PHONE_PATHS, type PhoneForm, readPhoneRequest } from './request.ts';
import { knowPhone } from './who.ts';

/** Presses a minute from one network: an office behind one address presses often, but not without end. */
const PRESSES_A_MINUTE = 120;

/** The record keys of phones, by HTTP GET (S6). Outside of /api/v1: phones have their addresses from the source's PBX. */
export function phoneRoutes(app: App, context: ApiContext): void {
  app.decorateRequest('actor');
  app.addHook('onRequest', (request, _reply, done) => {
    request.actor = anonymous;
    done();
  });
  for (const { path, form } of PHONE_PATHS) {
    app.get(
      path,
      {
        config: {
          rateLimit: {
            max: PRESSES_A_MINUTE,
            timeWindow: 60_000,
            keyGenerator: (request: FastifyRequest) => `phone ${networkOf(request.ip)}`,
          },
        },
        schema: { hide: true },
        exposeHeadRoute: false,
        errorHandler: (error, request, reply) => {
          const problem = problemOf(error, request.id);
          if (problem.status >= 500) context.log.error({ error: messageOf(error) }, 'the key of a phone failed');
          send(reply, formOf(form, request.headers['user-agent']), problem.status, capital(problem.detail));
        },
      },
      async (request, reply) => {
        const wish = readPhoneRequest(request.raw.url ?? '');
        const phone = await knowPhone(context, request, wish);
        request.actor = phone.actor;
        const text = await press(context, request, phone, wish);
        return send(reply, formOf(form, request.headers['user-agent']), 200, text);
      },
    );
  }
}

function send(reply: FastifyReply, form: PhoneForm, status: number, text: string): FastifyReply {
  const answer = phoneAnswer(form, status, text);
  return reply.code(answer.status).header('cache-control', 'no-store').type(answer.type).send(answer.body);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
