import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swaggerUi from '@fastify/swagger-ui';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { networkOf } from '../access/network.ts';
import { EarshotError, messageOf, systemCode } from '../base/errors.ts';
import { opaqueId } from '../base/ids.ts';
import { isConnectionError } from '../catalogue/connect.ts';
import { proxyMatcher } from './address.ts';
import type { App } from './app.ts';
import { components } from './components.ts';
import type { ApiContext } from './context.ts';
import { describeApi } from './document.ts';
import { EventHub } from './events/hub.ts';
import { guard } from './guard.ts';
import { phoneRoutes } from './phone/routes.ts';
import { problemOf } from './problem.ts';
import { apiRoutes } from './routes.ts';
import { serializerCompiler } from './serialize.ts';
import { serveClient } from './static.ts';
import { validatorCompiler } from './validate.ts';

/** Largest request body; ours are small forms. */
const BODY_BYTES = 64 * 1024;
/** Requests a minute and address; a page with its wave form and ranges takes a few dozen. */
const REQUESTS_A_MINUTE = 1200;

/**
 * The HTTP application with all routes, ready to be asked; it listens nowhere by itself (see listen.ts). Closing it ends the event
 * streams.
 */
export async function createApi(context: ApiContext): Promise<App> {
  const app = fastify({
    bodyLimit: BODY_BYTES,
    trustProxy: proxyMatcher(context.http.trustProxy),
    genReqId: () => opaqueId(context.random),
    // A Call-ID in the path, escaped.
    routerOptions: { maxParamLength: 800 },
    return503OnClosing: true,
    frameworkErrors: (error, request, reply) => void answerError(context, error, request, reply),
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, request, reply) => answerError(context, error, request, reply));
  // A form of another site can send text/plain without asking first; we take JSON only.
  app.removeContentTypeParser('text/plain');
  for (const component of components) app.addSchema(component);
  logRequests(app, context);
  await app.register(cookie);
  await app.register(helmet, headersFor(context));
  await app.register(rateLimit, {
    max: REQUESTS_A_MINUTE,
    timeWindow: 60_000,
    keyGenerator: (request) => networkOf(request.ip),
  });
  await describeApi(app, context.version);
  await app.register(swaggerUi, { routePrefix: '/api/docs', staticCSP: false, theme: { title: 'Earshot API' } });
  await registerRoutes(app, context);
  await serveClient(app, context.webRoot);
  await app.ready();
  return app;
}

async function registerRoutes(app: App, context: ApiContext): Promise<void> {
  const hub = new EventHub(context);
  app.addHook('preClose', (done) => {
    hub.close();
    done();
  });
  await app.register(
    (scope, _options, done) => {
      guard(scope, context);
      scope.get('/openapi.json', { config: { access: 'public' }, schema: { hide: true } }, () => app.swagger());
      apiRoutes(scope, context, hub);
      done();
    },
    { prefix: '/api/v1' },
  );
  await app.register((scope, _options, done) => {
    phoneRoutes(scope, context);
    done();
  });
}

/** Every error leaves as application/problem+json; only what is a defect goes to the log as an error. */
function answerError(context: ApiContext, thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = translated(thrown);
  const problem = problemOf(error, request.id);
  const fields = { request: request.id, method: request.method, path: request.routeOptions?.url, code: problem.code };
  if (problem.status >= 500) {
    const stack = thrown instanceof Error ? thrown.stack : undefined;
    context.log.error({ ...fields, error: messageOf(thrown), stack }, 'a request failed');
  }
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer realm="earshot"');
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

/** What the database says, in our words; anything else as it is. */
function translated(cause: unknown): unknown {
  if (isConnectionError(cause)) {
    const remedy = 'Try again soon.';
    return new EarshotError('DATABASE_UNREACHABLE', 'the database does not answer.', { cause, remedy });
  }
  // SQLSTATE class 22, data exception: a value that passed our checks but that no column can hold.
  if (/^22[0-9A-Z]{3}$/.test(systemCode(cause) ?? '')) {
    return new EarshotError('BAD_REQUEST', 'the request holds a value that cannot be searched for.', { cause });
  }
  return cause;
}

function logRequests(app: App, context: ApiContext): void {
  app.addHook('onResponse', (request, reply, done) => {
    const fields = {
      request: request.id,
      method: request.method,
      // The pattern, not the address itself: searches hold names and numbers.
      path: request.routeOptions.url,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      address: request.ip,
    };
    context.log.debug(fields, 'request');
    done();
  });
}

/** The web client brings all that it needs; styles are written by its component library at run time. */
function headersFor(context: ApiContext) {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        mediaSrc: ["'self'", 'blob:'],
        workerSrc: ["'self'", 'blob:'],
        connectSrc: ["'self'"],
        fontSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Under a self-signed certificate it would lock people out; whoever names a public https address has a real one.
    strictTransportSecurity: context.http.publicUrl?.startsWith('https://') === true ? { maxAge: 31_536_000 } : false,
    referrerPolicy: { policy: 'no-referrer' as const },
    xFrameOptions: { action: 'deny' as const },
  };
}
