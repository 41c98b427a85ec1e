import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { Alarms } from '../alarms.ts';
import { AlarmWatch } from './alarm-watch.ts';

function watching(certificateEnds: number | null = null) {
  const clock = new VirtualClock();
  const lines: string[] = [];
  const log = { ...silentLog, error: (fields: object) => lines.push((fields as { code: string }).code) };
  const alarms = new Alarms(log);
  const counts = { refused: 7, dropped: 100 };
  const parts = { alarms, clock, refused: () => counts.refused, dropped: () => counts.dropped, certificateEnds };
  const watch = new AlarmWatch(parts);
  watch.start();
  const codes = () => alarms.list.map(({ code }) => code);
  const text = (code: string) => alarms.list.find((one) => one.code === code)?.text;
  return { clock, counts, codes, text, lines, watch };
}

describe('alarms', () => {
  it('are none while nothing is amiss, however long', () => {
    const { clock, codes } = watching();
    clock.advance(3_600_000);
    expect(codes()).toEqual([]);
  });

  it.each([
    [3_600_000, /forward by 3600\.0 s/],
    [-3_600_000, /back by 3600\.0 s/],
    [1500, /forward by 1\.5 s/],
  ])('tell of a clock that was set by %i ms, once, for ten minutes', (by, words) => {
    const { clock, codes, text, lines } = watching();
    clock.advance(5000);
    clock.step(by);
    clock.advance(1000);
    expect(text('clock-step')).toMatch(words);
    clock.advance(598_000);
    expect(codes()).toEqual(['clock-step']);
    clock.advance(3000);
    expect(codes()).toEqual([]);
    expect(lines).toEqual(['clock-step']);
  });

  it('do not take the slewing of a clock for a step', () => {
    const { clock, codes } = watching();
    for (let n = 0; n < 100; n++) {
      clock.step(400);
      clock.advance(1000);
    }
    expect(codes()).toEqual([]);
  });

  it('tell of refused calls and lost packets until a minute has passed without any, and say how many', () => {
    const { clock, counts, codes, text } = watching();
    counts.refused += 3;
    counts.dropped += 20;
    clock.advance(1000);
    counts.refused += 2;
    clock.advance(30_000);
    expect(text('calls-refused')).toMatch(/^5 calls/);
    expect(text('packets-lost')).toMatch(/ 20 datagrams/);
    clock.advance(60_000);
    expect(codes()).toEqual([]);
    counts.refused += 1;
    clock.advance(1000);
    expect(text('calls-refused')).toMatch(/^1 calls/);
  });

  it('tell of a certificate that runs out within thirty days', () => {
    const { clock, codes } = watching(Date.UTC(2026, 0, 1) + 31 * 86_400_000);
    clock.advance(1000);
    expect(codes()).toEqual([]);
    clock.step(86_400_000 + 1);
    clock.advance(1000);
    expect(codes()).toContain('sip-certificate-old');
  });
});
