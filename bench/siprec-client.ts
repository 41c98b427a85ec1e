import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { systemClock } from '../src/base/clock.ts';
import { systemRandom } from '../src/base/ids.ts';
import { silentLog } from '../src/base/log.ts';
import { siprecBody } from '../src/cli/caller/body.ts';
import { callMetadata } from '../src/cli/caller/metadata.ts';
import { offerRecording } from '../src/sdp/answer.ts';
import { mediaOf } from '../src/sdp/media.ts';
import { parseSdp } from '../src/sdp/parse.ts';
import { staticCodec } from '../src/sdp/payload-types.ts';
import { writeSdp } from '../src/sdp/write.ts';
import { UserAgent } from '../src/sip/agent/agent.ts';
import type { Session } from '../src/sip/agent/api.ts';
import { openUdp } from '../src/sip/transport/udp.ts';

const HOST = '127.0.0.1';
const clock = systemClock();

export interface SetUp {
  readonly status: number;
  /** INVITE to final answer, as this process saw it. */
  readonly ms: number;
  /** Undefined when it was refused. */
  readonly session: Session | undefined;
  /** Where the answer wants the two streams. */
  readonly ports: readonly number[];
}

/** A few agents that place many SIPREC calls over UDP, as a session border controller does. Media comes from elsewhere. */
export class SiprecClient {
  readonly #agents: readonly UserAgent[];
  readonly #sipPort: number;

  private constructor(agents: readonly UserAgent[], sipPort: number) {
    this.#agents = agents;
    this.#sipPort = sipPort;
  }

  static async open(sipPort: number, agents = 4): Promise<SiprecClient> {
    const made = Array.from({ length: agents }, async () => {
      const agent = new UserAgent({ clock, product: 'earshot bench' });
      agent.listen(await openUdp({ host: HOST, port: 0, log: silentLog }));
      return agent;
    });
    return new SiprecClient(await Promise.all(made), sipPort);
  }

  /** Sets up call number `index`; its caller's number is made of it. */
  async setUp(index: number): Promise<SetUp> {
    const id = systemRandom(12).toString('hex');
    const { body, contentType } = bodyOf(id, index);
    const before = performance.now();
    const { session, response } = await this.#agents[index % this.#agents.length]!.invite({
      target: `sip:recorder@${HOST}:${this.#sipPort}`,
      destination: { address: HOST, port: this.#sipPort },
      protocol: 'udp',
      from: `"Bench" <sip:src@${HOST}>`,
      callId: id,
      body,
      contentType,
      headers: { Require: 'siprec' },
      contactParams: { '+sip.src': null },
    });
    const ms = performance.now() - before;
    const ports = session === undefined ? [] : mediaOf(parseSdp(response.body)).map(({ port }) => port);
    return { status: response.status, ms, session, ports };
  }

  async close(): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.close()));
  }
}

function bodyOf(id: string, index: number): { body: string; contentType: string } {
  const codecs = [staticCodec(0)];
  // Where the offer says that the media comes from; its real port is another, as with many clients.
  const streams = ['1', '2'].map((label, side) => {
    const rtpPort = 50_000 + 4 * (index % 2000) + 2 * side;
    return { label, local: { address: HOST, rtpPort, rtcpPort: rtpPort + 1 }, codecs, ptimeMs: 20 };
  });
  const sdp = writeSdp(offerRecording(streams, { id: '1', version: '1', address: HOST, username: 'src' }));
  const number = String(index).padStart(7, '0');
  const caller = { name: `Caller ${number}`, aor: `sip:+1555${number}@example.com` };
  const callee = { name: `Agent ${index % 400}`, aor: `sip:2${String(index % 400).padStart(3, '0')}@pbx.example.com` };
  return siprecBody(sdp, callMetadata(id, caller, callee, new Date(clock.now())));
}

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
