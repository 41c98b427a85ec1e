import { describe, expect, it } from 'vitest';
import type { CallFacts } from '../policy/types.ts';
import { planChannels } from './channels.ts';
import { decision, endedCall, facts, stream } from './testing.ts';

type Shape = { streams: number[][]; parties: [string, number | null][] };

function planned(
  streams: Parameters<typeof stream>[],
  parties: CallFacts['parties'] = facts.parties,
  later: CallFacts['parties'] = parties,
): Shape {
  const all = streams.map((args) => stream(...args));
  const call = endedCall({
    opened: { streams: all, facts: { ...facts, parties } },
    changes: [{ mono: 500, facts: { ...facts, parties: later }, decision: decision(), streams: all }],
  });
  const plan = planChannels(call);
  return {
    streams: plan.channels.map(({ streams: own }) => [...own]),
    parties: plan.parties.map(({ party, channel }) => [party.name ?? party.id, channel]),
  };
}

const unknown = facts.parties.map(({ id, name }) => ({ id, name: name ?? id }));

describe('the channels of a recording', () => {
  it('have the caller left, whatever the order of streams and labels', () => {
    const shape = planned([
      [0, { speakers: ['b'], label: '1' }],
      [1, { speakers: ['a'], label: '2' }],
    ]);
    expect(shape).toEqual({
      streams: [[1], [0]],
      parties: [
        ['Alice', 0],
        ['Bob', 1],
      ],
    });
  });

  it('follow the labels where no roles are known, by number', () => {
    const shape = planned(
      [
        [0, { label: '10' }],
        [1, { label: '2' }],
      ],
      unknown,
    );
    expect(shape).toEqual({
      streams: [[1], [0]],
      parties: [
        ['Bob', 0],
        ['Alice', 1],
      ],
    });
  });

  it('put a caller left even when the other is not known', () => {
    expect(
      planned([
        [0, { speakers: [], label: '1' }],
        [1, { speakers: ['a'], label: '2' }],
      ]).streams,
    ).toEqual([[1], [0]]);
    expect(
      planned([
        [0, { speakers: ['b'], label: '1' }],
        [1, { speakers: [], label: '2' }],
      ]).streams,
    ).toEqual([[1], [0]]);
  });

  it('are one where both speak on one stream', () => {
    const shape = planned([[0, { speakers: ['a', 'b'] }]]);
    expect(shape).toEqual({
      streams: [[0]],
      parties: [
        ['Alice', 0],
        ['Bob', 0],
      ],
    });
  });

  it('are both sides of a single stream with two channels, but Opus says nothing', () => {
    const pair = { payloadType: 96, name: 'PCMU', clockRate: 8000, channels: 2 };
    expect(planned([[0, { speakers: ['a', 'b'], codecs: [pair] }]])).toEqual({
      streams: [[0], [0]],
      parties: [
        ['Alice', 0],
        ['Bob', 1],
      ],
    });
    expect(planned([[0, { speakers: ['a', 'b'], codecs: [{ ...pair, name: 'OPUS' }] }]]).streams).toEqual([[0]]);
  });

  it('stay a party’s own when it comes on a further stream', () => {
    const shape = planned([[0, { state: 'removed' }], [1], [2, { speakers: ['a'] }]]);
    expect(shape.streams).toEqual([[0, 2], [1]]);
  });

  it('pass to the successor of a party that left', () => {
    const carol = { id: 'c', name: 'Carol' };
    const shape = planned([[0], [1, { state: 'removed' }], [2, { speakers: ['c'] }]], facts.parties, [
      facts.parties[0]!,
      carol,
    ]);
    expect(shape).toEqual({
      streams: [[0], [1, 2]],
      parties: [
        ['Alice', 0],
        ['Bob', 1],
        ['Carol', 1],
      ],
    });
  });

  it('are more than two when more parties speak at once', () => {
    const carol = { id: 'c', name: 'Carol' };
    const shape = planned([[0], [1], [2, { speakers: ['c'], label: '3' }]], [...facts.parties, carol]);
    expect(shape.streams).toHaveLength(3);
    expect(shape.parties.find(([name]) => name === 'Carol')?.[1]).not.toBeNull();
  });

  it('leave parties without a stream where they are, without a channel', () => {
    const carol = { id: 'c', name: 'Carol' };
    expect(planned([[0], [1]], [carol, ...facts.parties]).parties).toEqual([
      ['Alice', 0],
      ['Bob', 1],
      ['Carol', null],
    ]);
  });
});
