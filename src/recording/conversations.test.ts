import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../base/clock.ts';
import { CONVERSATION_LIMITS, ConversationIndex } from './conversations.ts';

describe('which call a session belongs to', () => {
  it('any equal key joins', () => {
    const index = new ConversationIndex(new VirtualClock());
    index.add('one', ['ucid=1', 'group=g']);
    index.add('two', ['ucid=2']);
    expect(index.find(['guid=x', 'group=g'])).toBe('one');
    expect(index.find(['ucid=2'])).toBe('two');
    expect(index.find(['ucid=3'])).toBeUndefined();
    expect(index.find([])).toBeUndefined();
  });

  it('keys that come later count as well', () => {
    const index = new ConversationIndex(new VirtualClock());
    index.add('one', ['ucid=1']);
    index.add('one', ['ucid=2']);
    expect(index.find(['ucid=1'])).toBe('one');
    expect(index.find(['ucid=2'])).toBe('one');
  });

  it('a call that ended can be joined for a while, and not after it', () => {
    const clock = new VirtualClock();
    const index = new ConversationIndex(clock);
    index.add('one', ['group=g']);
    clock.advance(3_600_000);
    index.ended('one');
    clock.advance(CONVERSATION_LIMITS.keepMs);
    expect(index.find(['group=g'])).toBe('one');
    clock.advance(1);
    expect(index.find(['group=g'])).toBeUndefined();
    expect(index.size).toBe(0);
  });

  it('a call that is joined after its end runs again', () => {
    const clock = new VirtualClock();
    const index = new ConversationIndex(clock);
    index.add('one', ['group=g']);
    index.ended('one');
    index.add('one', ['group=g']);
    clock.advance(10 * CONVERSATION_LIMITS.keepMs);
    expect(index.find(['group=g'])).toBe('one');
  });

  it('a running call is preferred to an ended one, and the latest of equals', () => {
    const clock = new VirtualClock();
    const index = new ConversationIndex(clock);
    index.add('a', ['k=1']);
    index.add('b', ['k=1']);
    expect(index.find(['k=1'])).toBe('b');
    index.ended('b');
    expect(index.find(['k=1'])).toBe('a');
    clock.advance(5);
    index.ended('a');
    expect(index.find(['k=1'])).toBe('a');
  });

  it('a key that every call carries joins none', () => {
    const index = new ConversationIndex(new VirtualClock());
    for (let i = 0; i < CONVERSATION_LIMITS.callsPerKey; i += 1) index.add(`call-${i}`, ['session=fixed', `ucid=${i}`]);
    expect(index.find(['session=fixed'])).toBeUndefined();
    expect(index.find(['session=fixed', 'ucid=3'])).toBe('call-3');
  });

  it('is bounded; ended calls make room first', () => {
    const index = new ConversationIndex(new VirtualClock(), { ...CONVERSATION_LIMITS, calls: 3 });
    for (const id of ['a', 'b', 'c']) index.add(id, [`k=${id}`]);
    index.ended('b');
    index.add('d', ['k=d']);
    index.add('e', ['k=e']);
    expect(['a', 'b', 'c', 'd', 'e'].map((id) => index.find([`k=${id}`]))).toEqual([
      undefined,
      undefined,
      'c',
      'd',
      'e',
    ]);
  });
});
