import { describe, expect, it } from 'vitest';
import { gainOf, timeMarks } from './draw.ts';

describe('the scale of the wave forms', () => {
  it('is the same for all channels, so that the louder party looks louder', () => {
    expect(
      gainOf([
        [-0.1, 0.1],
        [-0.5, 0.25],
      ]),
    ).toBe(2);
  });

  it('does not blow silence up', () => {
    expect(gainOf([[0, 0]])).toBe(1);
    expect(gainOf([[-0.001, 0.001]])).toBe(12);
  });
});

describe('the marks of time', () => {
  it('stand at round times from nought on, no more of them than fit', () => {
    expect(timeMarks(12_000, 6)).toEqual([0, 2000, 4000, 6000, 8000, 10_000]);
    expect(timeMarks(3_600_000, 9)).toEqual([0, 600_000, 1_200_000, 1_800_000, 2_400_000, 3_000_000]);
  });

  it('have a beginning in the shortest recording, and an end in the longest', () => {
    expect(timeMarks(0, 5)).toEqual([0]);
    expect(timeMarks(300, 5)).toEqual([0]);
    expect(timeMarks(10 * 86_400_000, 8).length).toBeLessThan(100);
  });
});
