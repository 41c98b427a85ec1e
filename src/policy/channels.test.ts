import { describe, expect, it } from 'vitest';
import { type ChannelMoment, channelPlan } from './channels.ts';

type Stream = [stream: number, label: string, ...speakers: string[]];

/** `A:caller` gives party A a part. */
function moment(parties: string[], ...streams: Stream[]): ChannelMoment {
  return {
    parties: parties.map((text) => {
      const [id = '', role] = text.split(':');
      return role === undefined ? { id } : { id, role: role as 'caller' | 'callee' };
    }),
    streams: streams.map(([stream, label, ...speakers]) => ({ stream, label, speakers })),
  };
}

/** `streams/parties` of each channel, left first. */
const plan = (...history: ChannelMoment[]): string[] =>
  channelPlan(history).map((one, index) => {
    expect(one.channel).toBe(index);
    return `${one.streams.join('+')}/${one.partyIds.join('+')}`;
  });

describe('channels', () => {
  it('caller left, callee right, whatever the labels', () => {
    expect(plan(moment(['B:callee', 'A:caller'], [0, '1', 'B'], [1, '2', 'A']))).toEqual(['1/A', '0/B']);
  });

  it('nobody’s part known: in the order of labels, as numbers', () => {
    expect(plan(moment(['A', 'B'], [0, '10', 'A'], [1, '9', 'B']))).toEqual(['1/B', '0/A']);
    expect(plan(moment(['A', 'B'], [0, 'b', 'A'], [1, 'a', 'B']))).toEqual(['1/B', '0/A']);
  });

  it('one part known: the other one takes what is left', () => {
    expect(plan(moment(['A', 'B:caller'], [0, '1', 'A'], [1, '2', 'B']))).toEqual(['1/B', '0/A']);
    expect(plan(moment(['A:callee', 'B'], [0, '1', 'A'], [1, '2', 'B']))).toEqual(['1/B', '0/A']);
  });

  it('a successor on the same stream keeps the channel', () => {
    const before = moment(['A:caller', 'B:callee'], [0, '1', 'A'], [1, '2', 'B']);
    const after = moment(['A:caller', 'C'], [0, '1', 'A'], [1, '2', 'C']);
    expect(plan(before, after)).toEqual(['0/A', '1/B+C']);
  });

  it('a caller who is only known later is still left', () => {
    const before = moment(['A', 'B'], [0, '1'], [1, '2']);
    const after = moment(['A:callee', 'B:caller'], [0, '1', 'A'], [1, '2', 'B']);
    expect(plan(before, after)).toEqual(['1/B', '0/A']);
  });

  it('further parties get further channels', () => {
    const two = moment(['A:caller', 'B:callee'], [0, '1', 'A'], [1, '2', 'B']);
    const three = moment(['A:caller', 'B:callee', 'C'], [0, '1', 'A'], [1, '2', 'B'], [2, '0', 'C']);
    expect(plan(two, three)).toEqual(['0/A', '1/B', '2/C']);
  });

  it('a mixed stream is one channel', () => {
    expect(plan(moment(['A:caller', 'B:callee'], [0, '1', 'A', 'B']))).toEqual(['0/A+B']);
  });

  it('a party whose stream is replaced stays on its channel', () => {
    const first = moment(['A:caller', 'B:callee'], [0, '1', 'A'], [1, '2', 'B']);
    const second = moment(['A:caller', 'C'], [2, '1', 'A'], [3, '2', 'C']);
    expect(plan(first, second)).toEqual(['0+2/A', '1/B', '3/C']);
  });

  it('two streams of one party at once never share a channel', () => {
    expect(plan(moment(['A:caller', 'B:callee'], [0, '1', 'A'], [1, '2', 'A'], [2, '3', 'B']))).toEqual([
      '0/A',
      '2/B',
      '1/A',
    ]);
  });

  it('a removed stream makes room for its successor', () => {
    const first = moment(['A'], [0, '1', 'A']);
    const gone: ChannelMoment = {
      parties: [{ id: 'A' }],
      streams: [
        { stream: 0, label: '1', speakers: ['A'], state: 'removed' },
        { stream: 1, label: '1', speakers: ['A'] },
      ],
    };
    expect(plan(first, gone)).toEqual(['0+1/A']);
  });

  it('unknown speakers keep their streams apart; nothing gives nothing', () => {
    expect(plan(moment([], [0, '1'], [1, '2']))).toEqual(['0/', '1/']);
    expect(plan()).toEqual([]);
  });
});
