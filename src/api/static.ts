import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EarshotError } from '../base/errors.ts';
import type { App } from './app.ts';

/** Vite puts a hash of the content into these names, so they never change. */
const HASHED = /[/\\]assets[/\\][^/\\]+-[\w-]{8,}\.\w+$/;

/** The built web client, and its start page under every address of its own. */
export async function serveClient(app: App, root: string | null): Promise<void> {
  if (root !== null) {
    await app.register(fastifyStatic, {
      root,
      wildcard: true,
      index: 'index.html',
      cacheControl: false,
      setHeaders(reply, path) {
        void reply.header('cache-control', HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler((request, reply) => {
    if (root !== null && wantsPage(request)) return sendPage(reply);
    throw new EarshotError('NOT_FOUND', `there is nothing at ${request.method} ${request.url.split('?')[0] ?? ''}.`, {
      remedy: 'The API is described at /api/docs.',
    });
  });
}

/** A browser that goes to a page, not a script that asks for a file or for data. */
function wantsPage(request: FastifyRequest): boolean {
  const path = request.url.split('?')[0] ?? '';
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  if (path.startsWith('/api/') || /\.\w{1,8}$/.test(path)) return false;
  return (request.headers.accept ?? '').includes('text/html');
}

function sendPage(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-cache').sendFile('index.html', { cacheControl: false });
}
