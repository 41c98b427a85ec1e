import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * The session cookie. Under HTTPS it carries the `__Host-` prefix, so that no other host and no plain connection can plant one
 * (RFC 6265bis §4.1.3.2); plain HTTP, on loopback only, needs a name of its own.
 */
const SECURE_NAME = '__Host-earshot';
const PLAIN_NAME = 'earshot';

export function readSessionCookie(request: FastifyRequest): string | undefined {
  return request.cookies[isSecure(request) ? SECURE_NAME : PLAIN_NAME];
}

export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, secret: string, expires: Date): void {
  const secure = isSecure(request);
  void reply.setCookie(secure ? SECURE_NAME : PLAIN_NAME, secret, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure,
    expires,
  });
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  const secure = isSecure(request);
  void reply.clearCookie(secure ? SECURE_NAME : PLAIN_NAME, { path: '/', httpOnly: true, sameSite: 'lax', secure });
}

function isSecure(request: FastifyRequest): boolean {
  return request.protocol === 'https';
}
