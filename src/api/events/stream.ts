import { PassThrough } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Actor, actorText } from '../../access/actor.ts';
import { may } from '../../access/rules.ts';
import type { Timer } from '../../base/clock.ts';
import { EarshotError } from '../../base/errors.ts';
import type { ApiContext } from '../context.ts';
import type { EventHub, HubEntry } from './hub.ts';

const HEARTBEAT_MS = 15_000;
/** A stream ends after this; the client comes back at once and shows again who it is. So a revoked token does not listen on. */
const MOST_MS = 5 * 60_000;
/** A reader that lags by more than this is cut off; it comes back with Last-Event-ID. */
const MOST_BUFFERED = 256 * 1024;
const MOST_READERS = 500;
/** Of one person with all of his tokens: pages and programs, but not so many that others find no place. */
const MOST_OF_ONE = 30;

/** Answers with a stream of events that stays open. */
export function sendEvents(
  context: ApiContext,
  hub: EventHub,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (hub.listeners >= MOST_READERS) throw new EarshotError('UNAVAILABLE', 'too many readers of events.');
  if (hub.listenersOf(whoOf(request.actor)) >= MOST_OF_ONE) {
    throw new EarshotError('TOO_MANY_REQUESTS', `you listen to events ${MOST_OF_ONE} times already.`);
  }
  void reply
    .type('text/event-stream; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('x-accel-buffering', 'no');
  if (request.method === 'HEAD') return reply.send('');
  const stream = new EventStream(context, request.actor);
  stream.start(hub, headerText(request.headers['last-event-id']));
  return reply.send(stream.out);
}

function whoOf(actor: Actor): string {
  return actor.kind === 'token' && actor.user !== null ? `user:${actor.user.id}` : actorText(actor);
}

function headerText(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** One reader's stream. It ends when the reader goes, lags too far behind, or has listened long enough. */
class EventStream {
  readonly out = new PassThrough({ highWaterMark: MOST_BUFFERED });
  readonly #clock: ApiContext['clock'];
  readonly #reader: Actor;
  #unsubscribe: () => void = () => undefined;
  #beat: Timer | undefined;
  #end: Timer | undefined;

  constructor(context: ApiContext, reader: Actor) {
    this.#clock = context.clock;
    this.#reader = reader;
  }

  start(hub: EventHub, lastEventId: string | undefined): void {
    const missed = lastEventId === undefined ? [] : hub.since(lastEventId);
    this.#write(`retry: 2000\nid: ${hub.position}\n: hello\n\n`);
    if (missed === null) this.#write('event: reset\ndata: {}\n\n');
    else for (const entry of missed) this.#tell(entry);
    const who = whoOf(this.#reader);
    this.#unsubscribe = hub.subscribe({ who, tell: (entry) => this.#tell(entry), end: () => this.#finish() });
    this.out.once('close', () => this.#stop());
    this.#keepBeating();
    this.#end = this.#clock.after(MOST_MS, () => this.#finish());
  }

  #tell(entry: HubEntry): void {
    if (!isFor(this.#reader, entry)) return;
    this.#write(`id: ${entry.id}\nevent: ${entry.type}\ndata: ${entry.data(this.#reader)}\n\n`);
  }

  #keepBeating(): void {
    this.#beat = this.#clock.after(HEARTBEAT_MS, () => {
      this.#write(': beat\n\n');
      this.#keepBeating();
    });
  }

  #write(text: string): void {
    if (this.out.destroyed || this.out.writableEnded) return;
    this.out.write(text);
    if (this.out.writableLength + this.out.readableLength > MOST_BUFFERED) this.out.destroy();
  }

  /** Says no more; who does not take the rest soon is cut off. */
  #finish(): void {
    this.#stop();
    this.out.end();
    const last = this.#clock.after(HEARTBEAT_MS, () => this.out.destroy());
    this.out.once('close', () => last.cancel());
  }

  #stop(): void {
    this.#unsubscribe();
    this.#beat?.cancel();
    this.#end?.cancel();
  }
}

function isFor(reader: Actor, { subject }: HubEntry): boolean {
  return subject === null ? may(reader, 'status.read') : may(reader, 'events.read', subject);
}
