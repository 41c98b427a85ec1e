import { describe, expect, it } from 'vitest';
import type { LiveMessage } from '../link/messages.ts';
import type { RecordedCall } from '../recording/call/call.ts';
import { LiveChanges } from '../recording/live-changes.ts';
import type { StreamFigures } from '../recording/ports.ts';
import { LiveCalls } from './service/live-calls.ts';

interface Running {
  readonly callId: string;
  entries: number;
  warnings: string[];
  phase: string;
  packets: number;
}

function callOf(running: Running): RecordedCall {
  const stream = { stream: 0, label: '1', speakers: [], codecs: [{ name: 'PCMU' }], state: 'active' };
  return {
    identity: { callId: running.callId, openedAt: 1000 },
    phase: running.phase,
    entries: running.entries,
    facts: { call: {}, warnings: [...running.warnings] },
    decision: { verdict: 'record', accountId: 'main', settingsVersion: 1, layers: [] },
    past: { recordings: [], pauses: [] },
    streams: { journal: [stream] },
  } as unknown as RecordedCall;
}

/** A recorder's side and a service's side, and what goes between them. */
class Conversation {
  readonly running: Running[] = [];
  readonly service = new LiveCalls();
  readonly #changes = new LiveChanges(
    {
      running: { [Symbol.iterator]: () => this.running.map(callOf).values() },
      call: (callId) => this.running.filter((one) => one.callId === callId).map(callOf)[0],
    },
    { figures: (callId) => this.#figures(callId) },
  );

  begin(callId: string, phase = 'running'): Running {
    const call = { callId, entries: 1, warnings: [], phase, packets: 0 };
    this.running.push(call);
    return call;
  }

  end(call: Running): void {
    this.running.splice(this.running.indexOf(call), 1);
  }

  say(how: 'whole' | 'next' | 'nextWithMedia'): { message: LiveMessage; calls: string[]; over: readonly string[] } {
    const message = JSON.parse(JSON.stringify(this.#changes[how]())) as LiveMessage;
    const { calls, over } = this.service.take(message);
    return { message, calls: calls.map(({ callId }) => callId), over };
  }

  #figures(callId: string): StreamFigures[] {
    const packets = this.running.find((call) => call.callId === callId)?.packets ?? 0;
    return [{ stream: 0, packets, bytes: 160 * packets, foreign: 0, msSinceLastPacket: 19.6 }];
  }
}

describe('what recorder and service say of running calls', () => {
  it('is what is new, what changed and what is over, and nothing else', () => {
    const conversation = new Conversation();
    const first = conversation.begin('first');
    conversation.begin('second');
    conversation.begin('third', 'preparing');

    expect(conversation.say('next')).toMatchObject({ calls: ['first', 'second'], over: [] });
    expect(conversation.say('next')).toMatchObject({ calls: [], over: [] });

    first.warnings.push('no metadata');
    first.entries += 1;
    expect(conversation.say('next').calls).toEqual(['first']);
    expect(conversation.service.all()[0]!.warnings).toEqual(['no metadata']);

    conversation.end(first);
    expect(conversation.say('next')).toMatchObject({ calls: [], over: ['first'] });
    expect(conversation.service.all().map(({ callId }) => callId)).toEqual(['second']);
  });

  it('tells each second what the streams of calls received that did not change', () => {
    const conversation = new Conversation();
    const first = conversation.begin('first');
    conversation.say('next');
    first.packets = 50;
    conversation.begin('second').packets = 7;

    const { message, calls } = conversation.say('nextWithMedia');

    expect(calls).toEqual(['second']);
    expect(message.media).toEqual([['first', [[0, 50, 8000, 0, 20]]]]);
    expect(conversation.service.all().map(({ streams }) => streams[0])).toMatchObject([
      { label: '1', packets: 50, bytes: 8000, silentFor: 20 },
      { packets: 7 },
    ]);
  });

  it('begins anew for a service that comes back: what ended meanwhile is gone', () => {
    const conversation = new Conversation();
    const first = conversation.begin('first');
    conversation.begin('second');
    conversation.say('next');
    conversation.end(first);
    conversation.begin('third');

    expect(conversation.say('whole')).toMatchObject({ calls: ['second', 'third'], over: ['first'] });
    expect(conversation.say('next')).toMatchObject({ calls: [], over: [] });
  });
});
