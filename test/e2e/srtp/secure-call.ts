import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { systemRandom } from '../../../src/base/ids.ts';
import type { SrtpKeys } from '../../../src/rtp/srtp/keys.ts';
import { SrtpSender } from '../../../src/rtp/srtp/sender.ts';
import { masterBytes, srtpSuite } from '../../../src/rtp/srtp/suites.ts';
import { readCrypto, writeCrypto } from '../../../src/sdp/crypto.ts';
import type { Session } from '../../../src/sip/agent/api.ts';
import type { RecordingClient } from '../recording-client.ts';

const PACKET_MS = 20;
const PACKET_BYTES = 160;
const SSRC = 0x3a5f_0001;

export function newKeys(name: string): SrtpKeys {
  const suite = srtpSuite(name)!;
  return { suite, masters: [{ keyAndSalt: systemRandom(masterBytes(suite)), mki: Buffer.alloc(0) }] };
}

/** A recorded call of one stream under SRTP, led step by step. */
export class SecureCall {
  readonly #socket: Socket;
  readonly #firstSequence: number;
  /** RTP port of the recorder. */
  port = 0;
  /** The server's own key, as it answered. */
  answeredKey = '';
  #session: Session | undefined;
  #sender: SrtpSender;
  #keys: SrtpKeys;
  #next = 0;
  /** When the first packet left. */
  #start: number | undefined;

  private constructor(socket: Socket, keys: SrtpKeys, firstSequence: number) {
    this.#socket = socket;
    this.#keys = keys;
    this.#sender = new SrtpSender(keys);
    this.#firstSequence = firstSequence;
  }

  static async open(
    client: RecordingClient,
    from: string,
    keys: SrtpKeys,
    firstSequence = 1000,
    parameters = '',
  ): Promise<SecureCall> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const call = new SecureCall(socket, keys, firstSequence);
    const { agent, protocol, destination } = client;
    const { session, response } = await agent.invite({
      target: `sip:recorder@127.0.0.1:${destination.port}`,
      destination,
      protocol,
      from: `<sip:${from}@example.com>`,
      ...call.#offer(parameters),
    });
    if (session === undefined) {
      socket.close();
      throw new Error(`refused: ${response.status}`);
    }
    call.#session = session;
    call.#take(response.body.toString());
    return call;
  }

  /** From the next packet on, the packets are protected by these keys, which a re-INVITE brings. */
  async rekey(keys: SrtpKeys): Promise<void> {
    this.#keys = keys;
    const response = await this.#session!.request('INVITE', this.#offer());
    if (response.status !== 200) throw new Error(`re-INVITE: ${response.status}`);
    this.#take(response.body.toString());
    this.#sender = new SrtpSender(keys);
  }

  /** A re-INVITE with the same keys. */
  async refresh(): Promise<void> {
    const response = await this.#session!.request('INVITE', this.#offer());
    this.#take(response.body.toString());
  }

  /** Sends the packets of the payload up to number `until` at the pace of the call, which a re-INVITE does not stop; `extra` makes others that leave with each. */
  async speak(payload: Buffer, until: number, extra: (wire: Buffer, number: number) => readonly Buffer[] = () => []) {
    this.#start ??= performance.now();
    for (; this.#next < until; this.#next++) {
      await this.#due();
      const wire = this.#sender.protectRtp(this.#packet(payload, this.#next));
      this.#socket.send(wire, this.port, '127.0.0.1');
      for (const other of extra(wire, this.#next)) this.#socket.send(other, this.port, '127.0.0.1');
    }
  }

  /** Hangs up when the last packet's time has passed, too. */
  async end(): Promise<void> {
    await this.#due();
    await this.#session!.bye();
    this.#socket.close();
  }

  /** Waits for the next packet's turn. */
  async #due(): Promise<void> {
    const wait = (this.#start ?? 0) + this.#next * PACKET_MS - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  }

  #packet(payload: Buffer, index: number): Buffer {
    const packet = Buffer.alloc(12 + PACKET_BYTES);
    packet[0] = 0x80;
    packet.writeUInt16BE((this.#firstSequence + index) & 0xffff, 2);
    packet.writeUInt32BE(index * PACKET_BYTES, 4);
    packet.writeUInt32BE(SSRC, 8);
    payload.copy(packet, 12, index * PACKET_BYTES, (index + 1) * PACKET_BYTES);
    return packet;
  }

  #offer(parameters = ''): { body: string; contentType: string } {
    const { suite, masters } = this.#keys;
    const body = [
      'v=0',
      'o=client 7 1 IN IP4 127.0.0.1',
      's=-',
      'c=IN IP4 127.0.0.1',
      't=0 0',
      `m=audio ${this.#socket.address().port} RTP/SAVP 0`,
      'a=crypto:4 AES_256_CM_HMAC_SHA1_80 inline:bm90IG9uZSB0aGF0IHdlIGRv',
      `a=crypto:9 ${writeCrypto('', suite.name, masters[0]!.keyAndSalt).trim()}|2^31${parameters}`,
      'a=sendonly',
      '',
    ].join('\r\n');
    return { body, contentType: 'application/sdp' };
  }

  #take(answer: string): void {
    this.port = Number(/^m=audio (\d+) RTP\/SAVP 0/m.exec(answer)?.[1]);
    const line = readCrypto(/^a=crypto:(.*)\r$/m.exec(answer)?.[1] ?? '');
    if (line?.tag !== '9' || line.suite !== this.#keys.suite.name)
      throw new Error(`not answered as offered:\n${answer}`);
    this.answeredKey = line.keys[0]!.keyAndSalt.toString('base64');
  }
}
