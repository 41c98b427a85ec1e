import { describe, expect, it } from 'vitest';
import { EventTracker, type MaskedEvent } from './events.ts';

const DIGIT = 5;

function payload(duration: number, end = false): Buffer {
  return Buffer.from([DIGIT, end ? 0x8a : 0x0a, duration >> 8, duration & 0xff]);
}

function push(tracker: EventTracker, timestamp: number, bytes: Buffer, arrival = 0, ssrc = 1): MaskedEvent | null {
  return tracker.push(ssrc, timestamp, arrival, bytes, 0, bytes.length);
}

/** The packets of one event: three growing ones, then the end three times. */
function* packetsOf(timestamp: number): Generator<[number, Buffer]> {
  for (const duration of [160, 320, 480]) yield [timestamp, payload(duration)];
  for (let copy = 0; copy < 3; copy++) yield [timestamp, payload(640, true)];
}

describe('telephone-events (RFC 4733)', () => {
  it('one event is one (SSRC, timestamp), though its end packet comes three times', () => {
    const tracker = new EventTracker();
    const events = [...packetsOf(1000), ...packetsOf(9000)].map(([timestamp, bytes]) =>
      push(tracker, timestamp, bytes),
    );
    expect(events.filter((event) => event !== null)).toMatchObject([
      { timestamp: 1000, durationTicks: 640 },
      { timestamp: 9000, durationTicks: 640 },
    ]);
    expect(tracker.finish()).toBeNull();
  });

  it('takes the arrival of the first packet, and the longest duration of reordered ones', () => {
    const tracker = new EventTracker();
    push(tracker, 1000, payload(480), 70);
    push(tracker, 1000, payload(160), 90);
    expect(tracker.finish()).toEqual({ ssrc: 1, timestamp: 1000, durationTicks: 480, arrival: 70 });
  });

  it('an event whose end packets were all lost is finished by the next one', () => {
    const tracker = new EventTracker();
    push(tracker, 1000, payload(320));
    expect(push(tracker, 9000, payload(160))).toMatchObject({ timestamp: 1000, durationTicks: 320 });
    expect(push(tracker, 9000, payload(320, true))).toMatchObject({ timestamp: 9000 });
  });

  it('a late repetition of an end does not make a second event, nor break the one that has begun', () => {
    const tracker = new EventTracker();
    push(tracker, 1000, payload(320, true));
    push(tracker, 9000, payload(160));
    expect(push(tracker, 1000, payload(320, true))).toBeNull();
    expect(push(tracker, 9000, payload(320, true))).toMatchObject({ timestamp: 9000 });
  });

  it('the same timestamp of another source is another event', () => {
    const tracker = new EventTracker();
    expect(push(tracker, 1000, payload(320, true), 0, 1)).not.toBeNull();
    expect(push(tracker, 1000, payload(320, true), 0, 2)).not.toBeNull();
  });

  it('never tells the digit', () => {
    const tracker = new EventTracker();
    const events = [...packetsOf(1000)].map(([timestamp, bytes]) => push(tracker, timestamp, bytes));
    for (const value of events.flatMap((event) => (event === null ? [] : Object.values(event))))
      expect(value).not.toBe(DIGIT);
  });

  it('takes no notice of payloads too short to be one', () => {
    const tracker = new EventTracker();
    expect(push(tracker, 1000, Buffer.from([DIGIT, 0x80, 1]))).toBeNull();
    expect(tracker.finish()).toBeNull();
  });
});
