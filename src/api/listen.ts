import { createServer as createHttp, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { EarshotError, messageOf, systemCode } from '../base/errors.ts';
import { isLoopback, proxyMatcher } from './address.ts';
import { isOpenPhoneRequest } from './phone/request.ts';
import type { App } from './app.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** PEM. */
  readonly key: string;
  readonly certificate: string;
  /** From here plain HTTP is taken, as from loopback. */
  readonly trustProxy: readonly string[];
}

export interface Listening {
  readonly port: number;
  /** Takes no more connections, ends the open ones, closes the application. Idempotent. */
  close(): Promise<void>;
}

/** First byte of a TLS connection: the content type of a handshake record (RFC 8446 §5.1). */
const TLS_HANDSHAKE = 0x16;
/** A connection that says nothing is closed after this. */
const SILENCE_MS = 10_000;
const MOST_CONNECTIONS = 2000;
/** An answer that nobody takes any of for so long is given up; a player that paused comes back with a range. */
const IDLE_MS = 10 * 60_000;

const TIMES = { headersTimeout: 15_000, requestTimeout: 30_000, keepAliveTimeout: 65_000, maxHeaderSize: 16 * 1024 };

/**
 * Serves HTTPS and plain HTTP on one port: the first byte tells which it is. Plain HTTP is answered on loopback and from declared
 * proxies; others are sent to https, before anything of theirs is looked at.
 * @throws EarshotError PORT_IN_USE, CONFIG_INVALID naming the setting
 */
export async function listen(app: App, options: ListenOptions): Promise<Listening> {
  const isProxy = proxyMatcher(options.trustProxy);
  const secure = secureServer(app, options);
  const plain = createHttp(TIMES, (request, response) => {
    const { remoteAddress } = request.socket;
    const isTaken = isLoopback(remoteAddress) || isProxy(remoteAddress) || isOpenPhone(request);
    if (isTaken) app.routing(request, response);
    else refusePlain(request, response);
  });
  for (const server of [secure, plain]) prepare(server);
  const sockets = new Set<Socket>();
  const front = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    if (closing === undefined) passOn(socket, secure, plain);
    else socket.destroy();
  });
  front.maxConnections = MOST_CONNECTIONS;
  let closing: Promise<void> | undefined;
  await bind(front, options);
  return {
    port: (front.address() as AddressInfo).port,
    close: () => (closing ??= close(app, front, [secure, plain], sockets)),
  };
}

/** @throws EarshotError CONFIG_INVALID when certificate and key do not go together */
function secureServer(app: App, options: ListenOptions): Server {
  try {
    const tls = {
      key: options.key,
      cert: options.certificate,
      minVersion: 'TLSv1.2' as const,
      handshakeTimeout: 15_000,
    };
    return createHttps({ ...TIMES, ...tls }, (request, response) => app.routing(request, response));
  } catch (error) {
    throw new EarshotError('CONFIG_INVALID', `certificate and key cannot be used: ${messageOf(error)}.`, {
      key: 'EARSHOT_HTTP_CERT',
      remedy: 'Give PEM files that belong together.',
    });
  }
}

/** The two servers own no socket; being told that they listen makes them watch their connections' timeouts. */
function prepare(server: Server): void {
  server.emit('listening');
  server.timeout = IDLE_MS;
  server.on('clientError', answerBroken);
  server.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy());
}

/** What cannot be parsed as HTTP gets a short answer, if there is still somebody to answer to. */
function answerBroken(error: Error, socket: NodeJS.WritableStream & { destroy(): void; writable: boolean }): void {
  if (!socket.writable || systemCode(error) === 'ECONNRESET') return socket.destroy();
  const tooLarge = systemCode(error) === 'HPE_HEADER_OVERFLOW';
  const late = systemCode(error) === 'ERR_HTTP_REQUEST_TIMEOUT';
  const status = tooLarge ? '431 Request Header Fields Too Large' : late ? '408 Request Timeout' : '400 Bad Request';
  const body = JSON.stringify({
    type: 'urn:earshot:problem:BAD_REQUEST',
    title: status.slice(4),
    status: Number(status.slice(0, 3)),
    code: 'BAD_REQUEST',
    detail: 'this is not a request by HTTP/1.1 that we can read.',
  });
  const head = `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}`;
  socket.end(`${head}\r\n\r\n${body}`);
}

/** Looks at the first byte and hands the connection, with that byte, to the server that speaks its language. */
function passOn(socket: Socket, secure: Server, plain: Server): void {
  const giveUp = (): void => void socket.destroy();
  socket.on('error', giveUp);
  socket.setTimeout(SILENCE_MS, giveUp);
  socket.once('data', (chunk: Buffer) => {
    socket.setTimeout(0);
    socket.removeListener('timeout', giveUp);
    socket.pause();
    socket.unshift(chunk);
    (chunk[0] === TLS_HANDSHAKE ? secure : plain).emit('connection', socket);
    process.nextTick(() => socket.resume());
  });
}

/** The record key of a phone, without a token: nothing in it is secret, and many phones cannot check our certificate. */
function isOpenPhone({ method, url, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.authorization === undefined && isOpenPhoneRequest(url ?? '');
}

/** Plain HTTP from elsewhere: pages are sent on; what carries a secret or changes something is refused, so that it is noticed. */
function refusePlain(request: IncomingMessage, response: ServerResponse): void {
  const { host = '', authorization, cookie } = request.headers;
  const isPage = (request.method === 'GET' || request.method === 'HEAD') && !/[?&]token=/i.test(request.url ?? '');
  response.setHeader('connection', 'close');
  if (isPage && authorization === undefined && cookie === undefined && /^[\w.:[\]-]{1,260}$/.test(host)) {
    response.writeHead(308, { location: `https://${host}${request.url ?? '/'}` }).end();
    return;
  }
  const problem = {
    type: 'urn:earshot:problem:NOT_ALLOWED',
    title: 'Not allowed',
    status: 403,
    code: 'NOT_ALLOWED',
    detail:
      'plain HTTP is taken on this machine itself and from declared proxies only; what you sent was not protected.',
    remedy: 'Use https, or name your reverse proxy in EARSHOT_TRUST_PROXY.',
  };
  response.writeHead(403, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
}

function bind(server: NetServer, { host, port }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(bindError(error, host, port)));
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

function bindError(error: Error, host: string, port: number): Error {
  switch (systemCode(error) ?? '') {
    case 'EADDRINUSE':
      return new EarshotError('PORT_IN_USE', `port ${port} is in use by another program.`, {
        key: 'EARSHOT_HTTP_PORT',
        remedy: 'Stop that program or set another port.',
      });
    case 'EACCES':
      return new EarshotError('CONFIG_INVALID', `port ${port} may not be opened by this user.`, {
        key: 'EARSHOT_HTTP_PORT',
        remedy: 'Take a port of 1024 or higher.',
      });
    case 'EADDRNOTAVAIL':
      return new EarshotError('CONFIG_INVALID', `this machine does not have the address ${host}.`, {
        key: 'EARSHOT_HTTP_HOST',
        remedy: 'Give one of its own addresses, or 0.0.0.0 for all.',
      });
    default:
      return error;
  }
}

/** How long running answers may go on after closing began. */
const GRACE_MS = 2000;

async function close(app: App, front: NetServer, servers: Server[], sockets: Set<Socket>): Promise<void> {
  const ended = new Promise<void>((resolve) => front.close(() => resolve()));
  // Connections that have not said anything yet.
  for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  await app.close();
  for (const server of servers) server.closeIdleConnections();
  const timer = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, GRACE_MS);
  await ended;
  clearTimeout(timer);
  // Never listened by themselves; this only stops their watch over timeouts.
  for (const server of servers) server.close(() => undefined);
}
