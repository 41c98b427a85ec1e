import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** A response as it came: status, header lines by name in lower case, body. */
export interface WireResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** A peer that says over UDP exactly what it is told to, without a SIP stack. */
export class WirePeer {
  readonly address: string;
  readonly port: number;
  readonly #socket: Socket;
  readonly #server: number;
  readonly #came: WireResponse[] = [];
  #asked = 0;
  #listener: (() => void) | undefined;

  private constructor(socket: Socket, server: number) {
    this.#socket = socket;
    this.#server = server;
    ({ address: this.address, port: this.port } = socket.address());
    socket.on('message', (bytes) => {
      this.#came.push(parse(bytes.toString('utf8')));
      this.#listener?.();
    });
  }

  static async open(server: number, address = '127.0.0.1'): Promise<WirePeer> {
    const socket = createSocket('udp4');
    socket.bind(0, address);
    await once(socket, 'listening');
    return new WirePeer(socket, server);
  }

  send(bytes: Buffer | string): void {
    this.#socket.send(bytes, this.#server, '127.0.0.1');
  }

  /** The final response to this method of this call, its copies taken away. */
  async final(method: string, callId: string, deadlineMs = 5000): Promise<WireResponse> {
    const deadline = performance.now() + deadlineMs;
    const isIt = ({ status, headers }: WireResponse) =>
      status >= 200 && headers.get('call-id') === callId && headers.get('cseq')?.endsWith(` ${method}`) === true;
    for (;;) {
      const at = this.#came.findIndex(isIt);
      if (at >= 0) return this.#came.splice(at, 1)[0]!;
      if (performance.now() > deadline) throw new Error(`no final response to ${method} came within ${deadlineMs} ms`);
      await new Promise<void>((resolve) => {
        this.#listener = resolve;
        setTimeout(resolve, 200);
      });
    }
  }

  /** Sends a request of its own, built of the few lines that RFC 3261 §8.1.1 asks for, and waits for its final response. */
  async ask(method: string, more: readonly string[] = [], body = ''): Promise<WireResponse> {
    const callId = `${method}-${this.#asked++}@${this.port}`;
    this.send(this.request(method, callId, more, body));
    const answer = await this.final(method, callId);
    if (method === 'INVITE' && answer.status >= 300) this.send(this.request('ACK', callId));
    return answer;
  }

  request(method: string, callId: string, more: readonly string[] = [], body = ''): string {
    return [
      `${method} sip:recorder@127.0.0.1:${this.#server} SIP/2.0`,
      `Via: SIP/2.0/UDP ${this.address}:${this.port};branch=z9hG4bK${callId};rport`,
      'Max-Forwards: 70',
      `From: <sip:+15550199@${this.address}>;tag=${callId}`,
      `To: <sip:recorder@127.0.0.1>`,
      `Call-ID: ${callId}`,
      `CSeq: 1 ${method}`,
      `Contact: <sip:peer@${this.address}:${this.port}>`,
      ...more,
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n');
  }

  close(): void {
    this.#socket.close();
  }
}

function parse(text: string): WireResponse {
  const gap = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = text.slice(0, gap).split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status: Number(first.split(' ')[1]), headers: new Map(headers), body: text.slice(gap + 4) };
}
