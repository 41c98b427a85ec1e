import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';

export interface SetupFigures {
  offered: number;
  /** Answered 200, acknowledged and ended. */
  completed: number;
  refused: number;
  /** Without `Retry-After`. */
  withoutRetryAfter: number;
  /** Ms from the first INVITE to the 503, each. */
  readonly refusalMs: number[];
}

const TICK_MS = 10;
const RETRANSMIT_MS = 500;

interface Offer {
  readonly at: number;
  readonly invite: string;
  sends: number;
}

/** Offers calls at a set pace whatever the answers are, and ends at once those that are taken. */
export class SetupLoad {
  readonly figures: SetupFigures = { offered: 0, completed: 0, refused: 0, withoutRetryAfter: 0, refusalMs: [] };
  readonly #socket: Socket;
  readonly #server: number;
  readonly #address: string;
  readonly #port: number;
  readonly #open = new Map<string, Offer>();
  readonly #run = Math.random().toString(36).slice(2, 8);

  private constructor(socket: Socket, server: number) {
    this.#socket = socket;
    this.#server = server;
    ({ address: this.#address, port: this.#port } = socket.address());
    socket.on('message', (bytes) => this.#take(bytes.toString('latin1')));
  }

  static async open(server: number, address: string): Promise<SetupLoad> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4_194_304 });
    socket.bind(0, address);
    await once(socket, 'listening');
    return new SetupLoad(socket, server);
  }

  /** Offers `perSecond` calls a second for so many seconds, and waits for the last answers. */
  async run(perSecond: number, seconds: number): Promise<SetupFigures> {
    const start = performance.now();
    while (this.figures.offered < perSecond * seconds) {
      const due = Math.min(perSecond * seconds, ((performance.now() - start) / 1000) * perSecond);
      while (this.figures.offered < due) this.#offer();
      this.#repeat();
      await pause();
    }
    const deadline = performance.now() + 3000;
    while (this.#open.size > 0 && performance.now() < deadline) {
      this.#repeat();
      await pause();
    }
    this.#socket.close();
    return this.figures;
  }

  #offer(): void {
    const id = `${this.#run}-${(this.figures.offered += 1)}`;
    const body = `v=0\r\no=- 1 1 IN IP4 ${this.#address}\r\ns=-\r\nc=IN IP4 ${this.#address}\r\nt=0 0\r\nm=audio 9000 RTP/AVP 0\r\na=sendonly\r\na=label:1\r\nm=audio 9002 RTP/AVP 0\r\na=sendonly\r\na=label:2\r\n`;
    const invite = this.#request('INVITE', id, 1, '', body);
    this.#open.set(id, { at: performance.now(), invite, sends: 1 });
    this.#send(invite);
  }

  /** As a transaction over UDP does it (RFC 3261 §17.1.1.2). */
  #repeat(): void {
    const now = performance.now();
    for (const offer of this.#open.values()) {
      if (now - offer.at < RETRANSMIT_MS * (2 ** offer.sends - 1)) continue;
      offer.sends += 1;
      this.#send(offer.invite);
    }
  }

  #take(response: string): void {
    const status = Number(response.slice(8, 11));
    const id = /^Call-ID: (\S+)/m.exec(response)?.[1] ?? '';
    const to = /^To: (.*)\r$/m.exec(response)?.[1] ?? '';
    const offer = this.#open.get(id);
    if (status < 200 || !/^CSeq: 1 INVITE/m.test(response)) return;
    this.#send(this.#request('ACK', id, 1, to));
    if (offer === undefined) return;
    this.#open.delete(id);
    if (status === 200) {
      this.figures.completed += 1;
      this.#send(this.#request('BYE', id, 2, to));
    } else if (status === 503) {
      this.figures.refused += 1;
      this.figures.refusalMs.push(performance.now() - offer.at);
      if (!/^Retry-After: [1-9]/m.test(response)) this.figures.withoutRetryAfter += 1;
    }
  }

  #request(method: string, id: string, seq: number, to: string, body = ''): string {
    const branch = method === 'ACK' ? `${id}-INVITE` : `${id}-${method}`;
    return [
      `${method} sip:recorder@127.0.0.1:${this.#server} SIP/2.0`,
      `Via: SIP/2.0/UDP ${this.#address}:${this.#port};branch=z9hG4bK${branch}`,
      'Max-Forwards: 70',
      `From: <sip:load@${this.#address}>;tag=${id}`,
      `To: ${to === '' ? '<sip:recorder@127.0.0.1>' : to}`,
      `Call-ID: ${id}`,
      `CSeq: ${seq} ${method}`,
      `Contact: <sip:load@${this.#address}:${this.#port}>`,
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n');
  }

  #send(text: string): void {
    this.#socket.send(text, this.#server, '127.0.0.1');
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, TICK_MS));
}
