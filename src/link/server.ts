import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Log } from '../base/log.ts';
import { readLines, writeLine } from './lines.ts';
import type { RecorderHello, ToRecorder, ToService } from './messages.ts';

/** The recorder's end of the local socket. Any number of services may be connected; all hear the same. */
export class LinkServer {
  readonly #server: Server;
  readonly #peers = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Listens at `path`; a stale socket file is replaced (the supervisor's lock keeps a second recorder away). */
  static async listen(options: {
    path: string;
    hello: RecorderHello;
    onMessage: (message: ToRecorder, reply: (message: ToService) => void) => void;
    log: Log;
  }): Promise<LinkServer> {
    rmSync(options.path, { force: true });
    const server = createServer();
    const link = new LinkServer(server);
    server.on('connection', (socket) => {
      link.#peers.add(socket);
      socket.on('close', () => link.#peers.delete(socket));
      socket.on('error', (error) => options.log.debug({ error: error.message }, 'link lost'));
      writeLine(socket, options.hello);
      readLines(socket, (message) => options.onMessage(message as ToRecorder, (reply) => writeLine(socket, reply)));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.path, () => {
        server.off('error', reject);
        resolve();
      });
    });
    return link;
  }

  /** A peer that does not read is dropped rather than buffered for; it says hello again and hears everything anew. */
  send(message: ToService): void {
    for (const peer of this.#peers) {
      if (peer.writableLength > 32 * 1024 * 1024) peer.destroy();
      else writeLine(peer, message);
    }
  }

  get connected(): boolean {
    return this.#peers.size > 0;
  }

  close(): void {
    this.#server.close();
    for (const peer of this.#peers) peer.destroy();
  }
}
