import { describe, expect, it } from 'vitest';
import { readTrackDetail } from './track-detail.ts';

describe('the further figures of a track', () => {
  it('are read as the manifest has them', () => {
    const detail = {
      gaps: [{ fromMs: 10, toMs: 30 }],
      corrections: [{ atMs: 5, samples: -8, place: 'quiet' }],
      comfortNoise: 2,
      events: 3,
      foreignCodecs: ['G729'],
      ssrcs: [1, 2],
      mixedMs: 4,
      driftPpm: -1.5,
    };
    expect(readTrackDetail(detail)).toEqual({
      gaps: detail.gaps,
      corrections: detail.corrections,
      comfortNoise: 2,
      events: 3,
      foreignCodecs: ['G729'],
      sources: 2,
      mixedMs: 4,
      driftPpm: -1.5,
    });
  });

  it('are none where the detail is of another form', () => {
    const none = {
      gaps: [],
      corrections: [],
      comfortNoise: 0,
      events: 0,
      foreignCodecs: [],
      sources: 0,
      mixedMs: 0,
      driftPpm: null,
    };
    for (const detail of [null, 'x', 7, [], { gaps: 'many', corrections: [{ atMs: 'soon' }], ssrcs: 1 }]) {
      expect(readTrackDetail(detail)).toEqual(none);
    }
  });
});
