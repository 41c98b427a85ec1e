import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/ids.ts';
import { silentLog } from '../../src/base/log.ts';
import { placeCall, type TestCallReport, type TestLeg } from '../../src/cli/caller/place-call.ts';
import { UserAgent } from '../../src/sip/agent/agent.ts';
import type { TraceEntry } from '../../src/sip/agent/api.ts';
import { openTcp } from '../../src/sip/transport/tcp.ts';
import { openTls } from '../../src/sip/transport/tls.ts';
import type { Protocol } from '../../src/sip/transport/types.ts';
import { openUdp } from '../../src/sip/transport/udp.ts';
import type { TestServer } from './server.ts';

const clock = systemClock();

/** Our own session recording client against a test server, over one transport. */
export class RecordingClient {
  readonly agent: UserAgent;
  readonly protocol: Protocol;
  readonly destination: { readonly address: string; readonly port: number };
  readonly #address: string;

  private constructor(agent: UserAgent, protocol: Protocol, port: number, address: string) {
    this.agent = agent;
    this.protocol = protocol;
    this.destination = { address: '127.0.0.1', port };
    this.#address = address;
  }

  /** `address`: the loopback address that it calls from; `identity`: the certificate that it shows over TLS. */
  static async open(
    server: TestServer,
    protocol: Protocol,
    address = '127.0.0.1',
    onTrace?: (entry: TraceEntry) => void,
    identity: { readonly certificate?: string; readonly key?: string } = {},
  ): Promise<RecordingClient> {
    const agent = new UserAgent({ clock, product: 'recording client', ...(onTrace === undefined ? {} : { onTrace }) });
    const options = { host: address, clock, log: silentLog };
    if (protocol === 'udp') agent.listen(await openUdp({ ...options, port: 0 }));
    else if (protocol === 'tcp') agent.listen(await openTcp(options));
    // The certificate is of the server's own making.
    else agent.listen(await openTls({ ...options, ...identity, insecure: true }));
    return new RecordingClient(agent, protocol, protocol === 'tls' ? server.tlsPort : server.sipPort, address);
  }

  /** A call at real pace, from INVITE to BYE. */
  place(legs: readonly [TestLeg, TestLeg]): Promise<TestCallReport> {
    const { agent, protocol, destination } = this;
    return placeCall({ agent, protocol, destination, localAddress: this.#address, legs, clock, random: systemRandom });
  }

  close(): Promise<void> {
    return this.agent.close();
  }
}
