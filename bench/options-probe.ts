import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { systemRandom } from '../src/base/ids.ts';

const HOST = '127.0.0.1';

/** Asks OPTIONS ten times a second; how long the answers take tells whether SIP is served under load. */
export class OptionsProbe {
  readonly times: number[] = [];
  unanswered = 0;
  #isOn = true;
  readonly #done: Promise<void>;

  constructor(sipPort: number) {
    this.#done = this.#run(sipPort);
  }

  async stop(): Promise<void> {
    this.#isOn = false;
    await this.#done;
  }

  async #run(sipPort: number): Promise<void> {
    const socket = createSocket('udp4');
    socket.bind(0, HOST);
    await once(socket, 'listening');
    const { port } = socket.address();
    while (this.#isOn) {
      const branch = `z9hG4bK${systemRandom(8).toString('hex')}`;
      const before = performance.now();
      const answered = new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), 2000);
        socket.on('message', (bytes) => {
          if (!bytes.includes(branch)) return;
          clearTimeout(timer);
          resolve(true);
        });
      });
      socket.send(options(sipPort, port, branch), sipPort, HOST);
      if (await answered) this.times.push(performance.now() - before);
      else this.unanswered += 1;
      socket.removeAllListeners('message');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    socket.close();
  }
}

function options(sipPort: number, port: number, branch: string): string {
  return [
    `OPTIONS sip:recorder@${HOST}:${sipPort} SIP/2.0`,
    `Via: SIP/2.0/UDP ${HOST}:${port};branch=${branch};rport`,
    'Max-Forwards: 70',
    `From: <sip:probe@${HOST}>;tag=${branch.slice(7)}`,
    `To: <sip:recorder@${HOST}:${sipPort}>`,
    `Call-ID: ${branch}@${HOST}`,
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}
