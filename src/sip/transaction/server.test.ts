import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../base/clock.ts';
import { systemRandom } from '../../base/ids.ts';
import { silentLog } from '../../base/log.ts';
import { RawPeer, requestText, type RequestParts } from '../raw-peer.fixture.ts';
import { serialize } from '../serialize.ts';
import { MemoryNetwork } from '../transport/memory.ts';
import type { Protocol } from '../transport/types.ts';
import { TransactionLayer } from './layer.ts';
import { createResponse } from './response.ts';
import type { ServerTransaction } from './server.ts';

/** A layer at 10.0.0.2 that is asked by a raw peer at 10.0.0.1. */
function asked(protocol: Protocol = 'udp', limit = 100) {
  const clock = new VirtualClock();
  const network = new MemoryNetwork(clock);
  const peer = new RawPeer(clock, network, '10.0.0.1', '10.0.0.2', protocol);
  const transport = network.transport('10.0.0.2', 5060, protocol);
  const events: string[] = [];
  const transactions: ServerTransaction[] = [];
  const layer = new TransactionLayer({
    clock,
    random: systemRandom,
    log: silentLog,
    limit,
    transmit: (by, message, target, failed) => by.send(serialize(message), target, failed),
    sentBy: () => ({ host: '10.0.0.2', port: 5060 }),
    user: {
      onRequest: (transaction) => {
        transactions.push(transaction);
        events.push(`${transaction.request.method} at ${clock.mono()}`);
        transaction.user = {
          onAck: () => events.push(`ack of 2xx at ${clock.mono()}`),
          onTimeout: () => events.push(`timeout at ${clock.mono()}`),
        };
      },
      onAck: () => events.push('stray ack'),
      onCancel: (invite) => {
        events.push('cancel');
        invite.respond(createResponse(invite.request, 487, { toTag: 'x' }));
      },
      screen: () => undefined,
      onStrayResponse: () => events.push('stray response'),
      onRefused: (status) => events.push(`refused ${status}`),
    },
  });
  transport.start((inbound) => layer.receive(inbound, transport));
  const send = (parts: RequestParts = {}): void => {
    peer.send(requestText(parts));
    clock.advance(0);
  };
  const respond = (status: number, index = 0): boolean => {
    const transaction = transactions[index]!;
    const sent = transaction.respond(createResponse(transaction.request, status, { toTag: 'r' }));
    clock.advance(0);
    return sent;
  };
  return { clock, peer, layer, events, transactions, send, respond };
}

describe('INVITE server transaction (RFC 3261 §17.2.1, RFC 6026)', () => {
  it('MUST send a 100 after 200 ms when the user has said nothing, and not when it has', () => {
    const silent = asked();
    silent.send();
    silent.clock.advance(199);
    expect(silent.peer.statuses).toEqual([]);
    silent.clock.advance(1);
    expect(silent.peer.statuses).toEqual([100]);
    const quick = asked();
    quick.send();
    quick.respond(180);
    quick.clock.advance(1000);
    expect(quick.peer.statuses).toEqual([180]);
  });

  it('MUST answer a repeated INVITE with the latest provisional response and not tell the user again', () => {
    const { clock, peer, events, send, respond } = asked();
    send();
    respond(180);
    clock.advance(500);
    send();
    expect(peer.statuses).toEqual([180, 180]);
    expect(events).toEqual(['INVITE at 0']);
  });

  it('MUST repeat a refusal at doubling intervals up to T2 (timer G) and give up after 64*T1 (timer H)', () => {
    const { clock, peer, layer, events, send, respond } = asked();
    send();
    respond(486);
    clock.advance(100_000);
    expect(peer.times('SIP/2.0 486')).toEqual([
      0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500,
    ]);
    expect(events).toEqual(['INVITE at 0', 'timeout at 32000']);
    expect([clock.waiting, layer.active]).toEqual([0, 0]);
  });

  it('MUST answer a repeated INVITE with the refusal at once', () => {
    const { clock, peer, send, respond } = asked();
    send();
    respond(486);
    clock.advance(100);
    send();
    expect(peer.times('SIP/2.0 486')).toEqual([0, 100]);
  });

  it('MUST stop at the ACK and absorb copies of it and of the INVITE for T4 (timer I)', () => {
    const { clock, peer, layer, events, send, respond } = asked();
    send();
    respond(486);
    clock.advance(100);
    send({ method: 'ACK', to: '<sip:rec@10.0.0.2>;tag=r' });
    send({ method: 'ACK', to: '<sip:rec@10.0.0.2>;tag=r' });
    send();
    clock.advance(4999);
    expect(layer.active).toBe(1);
    clock.advance(1);
    expect(layer.active).toBe(0);
    expect(peer.times('SIP/2.0 486')).toEqual([0]);
    expect(events).toEqual(['INVITE at 0']);
    expect(clock.waiting).toBe(0);
  });

  it('over a reliable transport does not repeat the refusal and ends with the ACK', () => {
    const { clock, peer, layer, send, respond } = asked('tcp');
    send();
    respond(486);
    clock.advance(10_000);
    expect(peer.times('SIP/2.0 486')).toEqual([0]);
    send({ method: 'ACK', to: '<sip:rec@10.0.0.2>;tag=r' });
    expect([clock.waiting, layer.active]).toEqual([0, 0]);
  });

  it('after a 2xx absorbs repeated INVITEs for 64*T1 (timer L) and lets the user repeat the 2xx (RFC 6026 §7.1)', () => {
    const { clock, peer, layer, events, send, respond } = asked();
    send();
    respond(200);
    clock.advance(500);
    send();
    expect(peer.statuses).toEqual([200]);
    expect(respond(200)).toBe(true);
    expect(peer.times('SIP/2.0 200')).toEqual([0, 500]);
    send({ method: 'ACK' });
    expect(events).toEqual(['INVITE at 0', 'ack of 2xx at 500']);
    clock.advance(31_499);
    expect(layer.active).toBe(1);
    clock.advance(1);
    expect([clock.waiting, layer.active]).toEqual([0, 0]);
  });

  it('takes no second final response', () => {
    const { peer, send, respond } = asked();
    send();
    expect(respond(486)).toBe(true);
    expect(respond(200)).toBe(false);
    expect(respond(180)).toBe(false);
    expect(peer.statuses).toEqual([486]);
  });

  it('passes the ACK of a 2xx with a branch of its own to the user', () => {
    const { events, send, respond } = asked();
    send();
    respond(200);
    send({ method: 'ACK', branch: 'z9hG4bK-2' });
    expect(events).toEqual(['INVITE at 0', 'stray ack']);
  });
});

describe('non-INVITE server transaction (RFC 3261 §17.2.2)', () => {
  it('MUST absorb copies before an answer, and repeat the answer to each copy until timer J', () => {
    const { clock, peer, layer, events, send, respond } = asked();
    const info = { method: 'INFO', to: '<sip:rec@10.0.0.2>;tag=r' };
    send(info);
    send(info);
    expect(peer.statuses).toEqual([]);
    respond(100);
    send(info);
    expect(peer.statuses).toEqual([100, 100]);
    respond(200);
    send(info);
    expect(peer.statuses).toEqual([100, 100, 200, 200]);
    clock.advance(31_999);
    expect(layer.active).toBe(1);
    clock.advance(1);
    expect(events).toEqual(['INFO at 0']);
    expect([clock.waiting, layer.active]).toEqual([0, 0]);
  });

  it('ends with the final response over a reliable transport', () => {
    const { clock, peer, layer, send, respond } = asked('tcp');
    send({ method: 'BYE' });
    respond(200);
    expect(peer.statuses).toEqual([200]);
    expect([clock.waiting, layer.active]).toEqual([0, 0]);
  });
});

describe('matching (RFC 3261 §8.2.2.2, §9.2, §17.2.3)', () => {
  it('MUST answer 482 to the same request that came by another way', () => {
    const { peer, events, send } = asked();
    send({ branch: 'z9hG4bK-a' });
    send({ branch: 'z9hG4bK-b' });
    expect(peer.statuses).toEqual([482]);
    expect(events).toEqual(['INVITE at 0', 'refused 482']);
  });

  it('takes the same request again once the first is forgotten', () => {
    const { clock, peer, send, respond } = asked();
    send({ method: 'OPTIONS', branch: 'z9hG4bK-a' });
    respond(200);
    clock.advance(40_000);
    send({ method: 'OPTIONS', branch: 'z9hG4bK-b' });
    respond(200, 1);
    expect(peer.statuses).toEqual([200, 200]);
  });

  it('MUST answer a CANCEL 200 and the INVITE that it matches 487', () => {
    const { peer, events, send } = asked();
    send();
    send({ method: 'CANCEL' });
    expect(peer.responses.map((one) => `${one.status} ${one.headers.get('CSeq')}`)).toEqual([
      '200 1 CANCEL',
      '487 1 INVITE',
    ]);
    expect(events).toEqual(['INVITE at 0', 'cancel']);
  });

  it('MUST NOT let a CANCEL change anything after a final response', () => {
    const { peer, events, send, respond } = asked();
    send();
    respond(200);
    send({ method: 'CANCEL' });
    expect(peer.statuses).toEqual([200, 200]);
    expect(events).toEqual(['INVITE at 0']);
  });

  it('MUST answer a CANCEL of nothing 481', () => {
    const { peer, send } = asked();
    send({ method: 'CANCEL' });
    expect(peer.statuses).toEqual([481]);
  });

  it('tells two senders with the same branch apart by sent-by', () => {
    const { events, send } = asked();
    send({ via: 'SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK-1' });
    send({ via: 'SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bK-1', callId: 'other' });
    expect(events).toEqual(['INVITE at 0', 'INVITE at 0']);
  });

  it('matches RFC 2543 requests, which have no magic branch', () => {
    const { peer, events, send, respond } = asked();
    const old = { via: 'SIP/2.0/UDP 10.0.0.1:5060' };
    send(old);
    send(old);
    respond(486);
    send({ ...old, method: 'ACK', to: '<sip:rec@10.0.0.2>;tag=r' });
    send({ ...old, seq: 2 });
    expect(peer.statuses).toEqual([486]);
    expect(events).toEqual(['INVITE at 0', 'INVITE at 0']);
  });

  it('holds nothing of an answered request but what knows it again', () => {
    const { clock, peer, layer, transactions, send, respond } = asked();
    send();
    expect(transactions[0]!.request.headers.get('Call-ID')).not.toBe(undefined);
    respond(200);
    const { method, headers, body } = transactions[0]!.request;
    expect([method, headers.size, body.length]).toEqual(['INVITE', 0, 0]);
    send();
    expect(peer.statuses).toEqual([200]);
    const options = { method: 'OPTIONS', branch: 'z9hG4bK-o', callId: 'o' };
    send(options);
    respond(200, 1);
    send(options);
    expect(peer.statuses).toEqual([200, 200, 200]);
    // Another copy of it is known as one until it is forgotten.
    send({ ...options, branch: 'z9hG4bK-p' });
    expect(peer.statuses.at(-1)).toBe(482);
    clock.advance(40_000);
    expect(layer.active).toBe(0);
    send({ ...options, branch: 'z9hG4bK-q' });
    respond(200, 2);
    expect(peer.statuses.at(-1)).toBe(200);
  });

  it('refuses new requests without state when the table is full', () => {
    const { clock, peer, layer, send } = asked('udp', 2);
    for (const id of ['1', '2', '3']) send({ branch: `z9hG4bK-${id}`, callId: id });
    expect(peer.statuses).toEqual([503]);
    expect(peer.responses[0]!.headers.get('Retry-After')).toBe('5');
    expect(layer.active).toBe(2);
    layer.close();
    expect([clock.waiting, layer.active]).toEqual([0, 0]);
  });

  it('answers what cannot be read 400 where it can, and drops it where it cannot', () => {
    const { clock, peer, layer, events } = asked();
    peer.send(requestText().replace('CSeq: 1 INVITE', 'CSeq: one INVITE'));
    peer.send('nonsense\r\n\r\n');
    peer.send(requestText({ method: 'ACK' }).replace('CSeq: 1 ACK', 'CSeq: x'));
    clock.advance(0);
    expect(peer.statuses).toEqual([400]);
    expect(events).toEqual(['refused 400', 'refused 400', 'refused 400']);
    expect(layer.active).toBe(0);
  });
});
