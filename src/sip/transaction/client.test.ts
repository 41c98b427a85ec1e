import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../base/clock.ts';
import { systemRandom } from '../../base/ids.ts';
import { silentLog } from '../../base/log.ts';
import { RawPeer, requestText, responseText } from '../raw-peer.fixture.ts';
import type { SipRequest } from '../message.ts';
import { parseMessage } from '../parse.ts';
import { serialize } from '../serialize.ts';
import { MemoryNetwork } from '../transport/memory.ts';
import type { Protocol } from '../transport/types.ts';
import type { ClientTransaction } from './client.ts';
import { TransactionLayer } from './layer.ts';

/** A layer at 10.0.0.2 that asks a raw peer at 10.0.0.1. */
function asking(protocol: Protocol = 'udp') {
  const clock = new VirtualClock();
  const network = new MemoryNetwork(clock);
  const peer = new RawPeer(clock, network, '10.0.0.1', '10.0.0.2', protocol);
  const transport = network.transport('10.0.0.2', 5060, protocol);
  const events: string[] = [];
  const layer = new TransactionLayer({
    clock,
    random: systemRandom,
    log: silentLog,
    limit: 100,
    transmit: (by, message, target, failed) => by.send(serialize(message), target, failed),
    sentBy: () => ({ host: '10.0.0.2', port: 5060 }),
    user: {
      onRequest: () => events.push('request'),
      onAck: () => events.push('stray ack'),
      onCancel: () => events.push('cancel'),
      screen: () => undefined,
      onStrayResponse: (response) => events.push(`stray ${response.status}`),
      onRefused: (status) => events.push(`refused ${status}`),
    },
  });
  transport.start((inbound) => layer.receive(inbound, transport));
  const ask = (method: string, port = 5060): ClientTransaction => {
    const text = requestText({ method }).replace(/Via: .*\r\n/, 'Via: SIP/2.0/UDP proxy.invalid;branch=z9hG4bKx\r\n');
    const request = parseMessage(Buffer.from(text)) as SipRequest;
    request.headers.delete('Via');
    return layer.request(
      request,
      transport,
      { address: '10.0.0.1', port },
      {
        onResponse: (response) => events.push(`${response.status} at ${clock.mono()}`),
        onTimeout: () => events.push(`timeout at ${clock.mono()}`),
        onTransportError: () => events.push('lost'),
      },
    );
  };
  const answer = (status: number): void =>
    peer.send(
      responseText(
        peer.requests.find(({ method }) => method !== 'ACK')!,
        status,
      ),
    );
  return { clock, network, peer, layer, events, ask, answer };
}

describe('INVITE client transaction (RFC 3261 §17.1.1, RFC 6026)', () => {
  it('MUST retransmit at doubling intervals from T1 (timer A) and give up after 64*T1 (timer B)', () => {
    const { clock, peer, layer, events, ask } = asking();
    ask('INVITE');
    clock.advance(100_000);
    expect(peer.times('INVITE')).toEqual([0, 500, 1500, 3500, 7500, 15_500, 31_500]);
    expect(events).toEqual(['timeout at 32000']);
    expect([clock.waiting, layer.active]).toEqual([0, 0]);
  });

  it('MUST NOT retransmit over a reliable transport, and still gives up', () => {
    const { clock, peer, events, ask } = asking('tcp');
    ask('INVITE');
    clock.advance(100_000);
    expect(peer.times('INVITE')).toEqual([0]);
    expect(events).toEqual(['timeout at 32000']);
    expect(clock.waiting).toBe(0);
  });

  it('stops retransmitting and counting once a provisional response is there', () => {
    const { clock, peer, events, ask, answer } = asking();
    const transaction = ask('INVITE');
    clock.advance(600);
    answer(180);
    clock.advance(100_000);
    expect(peer.times('INVITE')).toEqual([0, 500]);
    expect(events).toEqual(['180 at 600']);
    expect(transaction.state).toBe('proceeding');
    expect(clock.waiting).toBe(0);
  });

  it('MUST acknowledge each copy of a refusal, tell it once, and stay 32 s for copies (timer D)', () => {
    const { clock, peer, layer, events, ask, answer } = asking();
    ask('INVITE');
    clock.advance(10);
    answer(486);
    clock.advance(1000);
    answer(486);
    clock.advance(30_000);
    expect(layer.active).toBe(1);
    answer(486);
    clock.advance(999);
    expect(layer.active).toBe(1);
    clock.advance(1);
    expect(layer.active).toBe(0);
    expect(peer.times('ACK')).toEqual([10, 1010, 31_010]);
    expect(events).toEqual(['486 at 10']);
    expect(clock.waiting).toBe(0);
  });

  it('MUST put the request URI, Call-ID, From, branch and number of the INVITE and the To of the response into that ACK', () => {
    const { clock, peer, ask, answer } = asking();
    ask('INVITE');
    clock.advance(0);
    answer(404);
    clock.advance(0);
    const [invite, ack] = peer.requests as [SipRequest, SipRequest];
    for (const name of ['Via', 'From', 'Call-ID']) expect(ack.headers.get(name)).toBe(invite.headers.get(name));
    expect(ack.uri).toBe(invite.uri);
    expect(ack.headers.get('To')).toBe('<sip:rec@10.0.0.2>;tag=b');
    expect(ack.headers.get('CSeq')).toBe('1 ACK');
    expect(ack.headers.all('Via')).toHaveLength(1);
  });

  it('ends at once after a refusal over a reliable transport (timer D is zero)', () => {
    const { clock, peer, layer, ask, answer } = asking('tcp');
    ask('INVITE');
    clock.advance(0);
    answer(486);
    clock.advance(0);
    expect(peer.times('ACK')).toEqual([0]);
    expect([clock.waiting, layer.active]).toEqual([0, 0]);
  });

  it('MUST pass every copy of a 2xx on for 64*T1 (timer M) and acknowledge none by itself', () => {
    const { clock, peer, layer, events, ask, answer } = asking();
    ask('INVITE');
    clock.advance(0);
    for (let copy = 0; copy < 3; copy++) {
      answer(200);
      clock.advance(500);
    }
    expect(events).toEqual(['200 at 0', '200 at 500', '200 at 1000']);
    expect(peer.times('ACK')).toEqual([]);
    clock.advance(30_499);
    expect(layer.active).toBe(1);
    clock.advance(1);
    answer(200);
    clock.advance(0);
    expect(events.at(-1)).toBe('stray 200');
    expect([clock.waiting, layer.active]).toEqual([0, 0]);
  });

  it('MUST tell a transport error and end', () => {
    const { clock, layer, events, ask } = asking('tcp');
    ask('INVITE', 9);
    expect(events).toEqual(['lost']);
    expect([clock.waiting, layer.active]).toEqual([0, 0]);
  });
});

describe('non-INVITE client transaction (RFC 3261 §17.1.2)', () => {
  it('MUST retransmit at doubling intervals up to T2 (timer E) and give up after 64*T1 (timer F)', () => {
    const { clock, peer, layer, events, ask } = asking();
    ask('BYE');
    clock.advance(100_000);
    expect(peer.times('BYE')).toEqual([0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    expect(events).toEqual(['timeout at 32000']);
    expect([clock.waiting, layer.active]).toEqual([0, 0]);
  });

  it('MUST go on every T2 after a provisional response', () => {
    const { clock, peer, events, ask, answer } = asking();
    ask('INFO');
    clock.advance(600);
    answer(100);
    clock.advance(100_000);
    expect(peer.times('INFO')).toEqual([0, 500, 1500, 5500, 9500, 13_500, 17_500, 21_500, 25_500, 29_500]);
    expect(events).toEqual(['100 at 600', 'timeout at 32000']);
    expect(clock.waiting).toBe(0);
  });

  it('MUST absorb copies of the final response for T4 (timer K)', () => {
    const { clock, layer, events, ask, answer } = asking();
    ask('BYE');
    clock.advance(10);
    answer(200);
    clock.advance(10);
    answer(200);
    clock.advance(4989);
    expect(layer.active).toBe(1);
    clock.advance(1);
    expect(layer.active).toBe(0);
    expect(events).toEqual(['200 at 10']);
    expect(clock.waiting).toBe(0);
  });

  it('ends with the final response over a reliable transport', () => {
    const { clock, peer, layer, events, ask, answer } = asking('tcp');
    ask('BYE');
    clock.advance(20_000);
    answer(200);
    clock.advance(0);
    expect(peer.times('BYE')).toEqual([0]);
    expect(events).toEqual(['200 at 20000']);
    expect([clock.waiting, layer.active]).toEqual([0, 0]);
  });
});

describe('CANCEL of our INVITE (RFC 3261 §9.1)', () => {
  it('MUST NOT leave before a provisional response; then it has the same branch, number and way', () => {
    const { clock, peer, layer, events, ask, answer } = asking();
    const ignore = { onResponse: () => undefined, onTimeout: () => undefined, onTransportError: () => undefined };
    const invite = ask('INVITE');
    clock.advance(10);
    layer.cancel(invite, ignore);
    clock.advance(10);
    expect(peer.requests.map(({ method }) => method)).toEqual(['INVITE']);
    answer(180);
    clock.advance(10);
    layer.cancel(invite, ignore);
    layer.cancel(invite, ignore);
    clock.advance(10);
    const [first, cancel] = peer.requests as [SipRequest, SipRequest];
    expect(peer.requests).toHaveLength(2);
    expect(cancel.method).toBe('CANCEL');
    for (const name of ['Via', 'From', 'To', 'Call-ID']) expect(cancel.headers.get(name)).toBe(first.headers.get(name));
    expect(cancel.headers.get('CSeq')).toBe('1 CANCEL');
    peer.send(responseText(cancel, 200));
    answer(487);
    clock.advance(60_000);
    expect(events).toEqual(['180 at 20', '487 at 40']);
    expect([clock.waiting, layer.active]).toEqual([0, 0]);
  });
});
