import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../base/clock.ts';
import { PortPool } from './ports.ts';

function pool(from: number, to: number, restSeconds = 30) {
  const clock = new VirtualClock();
  return { clock, ports: new PortPool({ from, to, restSeconds, clock }) };
}

describe('RTP ports', () => {
  it('gives a two-stream session four ports side by side, RTP on even ones', () => {
    const { ports } = pool(10_001, 10_012);
    expect(ports.take(2)).toEqual([
      { rtpPort: 10_002, rtcpPort: 10_003 },
      { rtpPort: 10_004, rtcpPort: 10_005 },
    ]);
    expect(ports.take(2)[0]).toEqual({ rtpPort: 10_006, rtcpPort: 10_007 });
  });

  it('lets a port rest that was in use, and not a moment longer', () => {
    const { ports, clock } = pool(10_000, 10_003, 30);
    ports.release(ports.take(2));
    expect(() => ports.take(1)).toThrow(expect.objectContaining({ code: 'PORTS_EXHAUSTED' }));
    clock.advance(29_999);
    expect(() => ports.take(1)).toThrow(expect.objectContaining({ code: 'PORTS_EXHAUSTED' }));
    clock.advance(1);
    expect(ports.take(2)).toHaveLength(2);
  });

  it('takes nothing when it cannot give all', () => {
    const { ports } = pool(10_000, 10_005);
    expect(() => ports.take(4)).toThrow(expect.objectContaining({ code: 'PORTS_EXHAUSTED', key: 'rtp.ports' }));
    expect(ports.figures).toEqual({ free: 3, used: 0, resting: 0 });
  });

  it('gives single pairs when no run is left, rather than refuse a call', () => {
    const { ports } = pool(10_000, 10_009, 0);
    const all = ports.take(5);
    ports.release([all[0]!, all[2]!]);
    expect(new Set(ports.take(2).map(({ rtpPort }) => rtpPort))).toEqual(new Set([10_000, 10_004]));
  });

  it('keeps the ports of calls that go on after a restart, and does not mind ports of another range', () => {
    const { ports } = pool(10_000, 10_007);
    ports.claim([
      { rtpPort: 10_002, rtcpPort: 10_003 },
      { rtpPort: 40_000, rtcpPort: 40_001 },
    ]);
    expect(ports.figures.used).toBe(1);
    expect(ports.take(2).map(({ rtpPort }) => rtpPort)).toEqual([10_004, 10_006]);
    ports.release([{ rtpPort: 40_000, rtcpPort: 40_001 }]);
  });

  it('never gives a port twice, nor one that rests, in any order of taking and giving back', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('take', 'release', 'wait'), fc.nat(5)), { maxLength: 80 }),
        (steps) => {
          const { ports, clock } = pool(10_000, 10_039, 10);
          const held: { rtpPort: number; rtcpPort: number }[][] = [];
          const restedAt = new Map<number, number>();
          for (const [step, size] of steps) {
            if (step === 'wait') clock.advance(size * 3000);
            if (step === 'release') {
              const given = held.splice(size % (held.length || 1), 1)[0] ?? [];
              ports.release(given);
              for (const { rtpPort } of given) restedAt.set(rtpPort, clock.mono() + 10_000);
            }
            if (step !== 'take' || ports.figures.free < size + 1) continue;
            const taken = ports.take(size + 1);
            const inUse = new Set(held.flat().map(({ rtpPort }) => rtpPort));
            for (const { rtpPort, rtcpPort } of taken) {
              expect(rtpPort % 2).toBe(0);
              expect(rtcpPort).toBe(rtpPort + 1);
              expect(inUse.has(rtpPort)).toBe(false);
              expect(restedAt.get(rtpPort) ?? 0).toBeLessThanOrEqual(clock.mono());
            }
            expect(new Set(taken.map(({ rtpPort }) => rtpPort)).size).toBe(taken.length);
            held.push(taken);
          }
        },
      ),
    );
  });
});
