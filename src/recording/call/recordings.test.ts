import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Asker, RecordingStep } from '../../link/journal.ts';
import { newPast, takeStep, type RecordingPast } from '../../link/recordings.ts';
import type { Ask, Decision } from '../../policy/types.ts';
import { control } from './control.ts';
import { follow, phaseOf, runningOf, transition, wishOf } from './recordings.ts';

const POLICY: Asker = { kind: 'policy', id: null, name: 'Policy', via: 'policy' };
const ALICE: Asker = { kind: 'user', id: 'u', name: 'Alice', userId: 'alice', via: 'web' };
const ROOT: Asker = { kind: 'administrator', id: 'a', name: 'Root', via: 'web' };
const USERS = { by: 'users', userIds: ['alice'] } as const;
const ADMINS = { by: 'administrators', userIds: [] } as const;
const NONE = { by: 'nobody', userIds: [] } as const;

const ask = (layer: Ask['layer']): Ask => ({
  layer,
  id: layer,
  name: layer,
  scope: 'call',
  anchors: [],
  terms: { longestSeconds: null, format: null, storeId: null, retention: null, deliveries: [], announcement: null },
});

function decision(verdict: Decision['verdict'], more: Partial<Decision> = {}): Decision {
  const isManual = verdict === 'offer' || verdict === 'record';
  const byHand = isManual ? USERS : NONE;
  const controls = {
    start: byHand,
    stop: byHand,
    stopAutomatic: verdict === 'record' ? ADMINS : NONE,
    pause: isManual ? USERS : NONE,
    resume: isManual ? USERS : NONE,
    keep: more.liveKeepMinutes === undefined ? NONE : byHand,
  };
  const asks = verdict === 'record' ? [ask('rule')] : [];
  return { verdict, accountId: 'main', settingsVersion: 1, layers: [], asks, controls, ...more };
}

const RECORD = decision('record');
const OFFER = decision('offer');
const IGNORE = decision('ignore');
const HOLD = decision('hold');
const FORBID = decision('forbid');
const FLOW = decision('record', { asks: [ask('flow')] });
const LIVE = decision('offer', { liveKeepMinutes: 30 });

/** A call at whose moments something is decided or asked for, one ms apart. */
class Life {
  readonly past: RecordingPast = newPast();
  mono = 0;
  now: Decision | null = null;
  readonly said: string[] = [];

  decided(now: Decision, more: { isNewPart?: boolean; isBlind?: boolean } = {}): this {
    const rest = { isNewPart: false, isBlind: false, ...more };
    return this.take(follow(this.past, { before: this.now, now, asker: POLICY, ...rest }), now);
  }

  asked(action: Parameters<typeof control>[1], asker = ALICE): this {
    const outcome = control({ past: this.past, decision: this.now!, isRunning: true }, action, asker);
    this.said.push(outcome.ok ? 'ok' : outcome.code!);
    return this.take(outcome.steps, this.now!);
  }

  take(steps: readonly RecordingStep[], now: Decision): this {
    this.mono += 1;
    for (const step of steps) {
      if (step.do === 'begun' || step.do === 'ended') {
        const one = this.past.recordings.find(({ recording }) => recording === step.recording);
        transition(one, step.do === 'begun' ? 'begin' : 'end');
      }
      takeStep(this.past, step, this.mono);
    }
    this.now = now;
    return this;
  }

  /** `by` of each recording with its spans and why it ended. */
  get told(): string[] {
    return this.past.recordings.map(({ recording, by, spans, endReason }) => {
      const times = spans.map(({ fromMono, toMono }) => `${fromMono}-${toMono ?? ''}`).join(' ');
      return `${recording} ${by} ${times}${endReason === null ? '' : ` ${endReason}`}`;
    });
  }
}

describe('what a decision wishes', () => {
  it.each([
    [RECORD, 'policy'],
    [HOLD, 'policy'],
    [FLOW, 'flow'],
    [decision('record', { asks: [ask('flow'), ask('rule')] }), 'policy'],
    [decision('record', { asks: [ask('flow'), { ...ask('rule'), silencedBy: 'a filter' }] }), 'flow'],
    [LIVE, 'live-keep'],
    [OFFER, null],
    [IGNORE, null],
    [FORBID, null],
  ] as const)('%#', (given, wish) => {
    expect(wishOf(given)).toBe(wish);
  });

  it('is policy where a decision of an older version names nobody who asks', () => {
    expect(wishOf({ verdict: 'record', accountId: '', settingsVersion: 0, layers: [] })).toBe('policy');
  });
});

describe('the recordings of a call', () => {
  it('D11 that of policy is one, with blanks while nobody asks for it', () => {
    const life = new Life().decided(RECORD).decided(IGNORE).decided(RECORD).decided(RECORD);
    expect(life.told).toEqual(['1 policy 1-2 3-']);
  });

  it('S1 each start by hand is a new one', () => {
    const life = new Life().decided(OFFER).asked('start').asked('stop').asked('start').asked('stop');
    expect(life.told).toEqual(['1 hand 2-3 stopped', '2 hand 4-5 stopped']);
  });

  it('S1 a second start, or one while policy records, begins nothing', () => {
    expect(new Life().decided(OFFER).asked('start').asked('start').told).toEqual(['1 hand 2-']);
    const automatic = new Life().decided(RECORD).asked('start');
    expect([automatic.told, automatic.said]).toEqual([['1 policy 1-'], ['ok']]);
  });

  it('D3 a user cannot stop what policy records; an administrator can, it stays stopped, and may be started again', () => {
    const life = new Life().decided(RECORD).asked('stop');
    expect(life.said).toEqual(['NOT_ALLOWED']);
    life.asked('stop', ROOT).decided(RECORD).decided(IGNORE).decided(RECORD);
    expect(life.told).toEqual(['1 policy 1-3 stopped']);
    expect(life.asked('start', ROOT).told).toEqual(['1 policy 1-3 stopped', '2 hand 7-']);
  });

  it('policy takes over what was started by hand, without a gap', () => {
    const life = new Life().decided(OFFER).asked('start').decided(RECORD);
    expect(life.told).toEqual(['1 hand 2-3 taken-over', '2 policy 3-']);
  });

  it('D11 one by hand ends when nobody in the call may record any more, but not while the signalling names nobody', () => {
    const life = new Life().decided(OFFER).asked('start').decided(IGNORE, { isBlind: true });
    expect(life.told).toEqual(['1 hand 2-']);
    expect(life.decided(IGNORE).told).toEqual(['1 hand 2-4 parties']);
  });

  it('D6 each start of a call flow is a part of its own', () => {
    const start = { isNewPart: true };
    const life = new Life()
      .decided(IGNORE)
      .decided(FLOW, start)
      .decided(IGNORE)
      .decided(FLOW, start)
      .decided(FLOW, start);
    expect(life.told).toEqual(['1 flow 2-3 stopped', '2 flow 4-']);
  });

  it('D6 a part that an administrator stopped does not begin again by a change of parties, but by the next step', () => {
    const life = new Life().decided(FLOW, { isNewPart: true }).asked('stop', ROOT).decided(FLOW);
    expect(life.told).toEqual(['1 flow 1-2 stopped']);
    expect(life.decided(FLOW, { isNewPart: true }).told).toEqual(['1 flow 1-2 stopped', '2 flow 4-']);
  });

  it('S8 live-keep holds from the start beside what is started by hand, and goes on after what policy took over', () => {
    const life = new Life().decided(LIVE).asked('start').asked('stop').decided(RECORD).decided(LIVE);
    expect(life.told).toEqual(['1 live-keep 1-4 5-', '2 hand 2-3 stopped', '3 policy 4-5 parties']);
  });

  it('S8 what was dropped is not held again; what was started by hand stays', () => {
    const life = new Life().decided(LIVE).asked('start').asked('drop').decided(LIVE);
    expect(life.told).toEqual(['1 live-keep 1-3 dropped', '2 hand 2-']);
    expect(life.past.recordings[0]).toMatchObject({ kept: false });
    expect(life.asked('keep').said).toEqual(['ok', 'ok', 'CONFLICT']);
  });

  it('what was held without settings goes on as it is decided, or is void', () => {
    expect(new Life().decided(HOLD).decided(RECORD).told).toEqual(['1 policy 1-']);
    expect(new Life().decided(HOLD).decided(LIVE).told).toEqual(['1 policy 1-2 dropped', '2 live-keep 1-']);
    const ignored = new Life().decided(HOLD).decided(IGNORE).decided(RECORD);
    expect(ignored.told).toEqual(['1 policy 1-2 dropped', '2 policy 3-']);
  });

  it('D2 a deny ends all of them and destroys what was captured, once', () => {
    const life = new Life().decided(LIVE).asked('start').decided(FORBID).decided(FORBID);
    expect(life.told).toEqual(['1 live-keep 1-3 denied', '2 hand 2-3 denied']);
    expect(life.past.destroyedUntil).toBe(3);
    expect(life.asked('start', ROOT).said.at(-1)).toBe('NOT_ALLOWED');
    expect(new Life().decided(FORBID).past.destroyedUntil).toBeNull();
  });
});

describe('pause and resume', () => {
  it('S2 act once each, and say what they met', () => {
    const life = new Life().decided(RECORD).asked('pause').asked('pause').asked('resume').asked('resume');
    expect(life.said).toEqual(['ok', 'ok', 'ok', 'CONFLICT']);
    expect(life.past.pauses).toMatchObject([{ fromMono: 2, toMono: 4 }]);
  });

  it('S2 need something that is recorded', () => {
    expect(new Life().decided(OFFER).asked('pause').said).toEqual(['CONFLICT']);
    expect(new Life().decided(IGNORE).asked('pause').said).toEqual(['NOT_ALLOWED']);
  });
});

describe('whatever happens in a call', () => {
  const moment = fc.oneof(
    fc.constantFrom(RECORD, OFFER, IGNORE, HOLD, FLOW, LIVE).map((now) => (life: Life) => life.decided(now)),
    fc.constant((life: Life) => life.decided(FLOW, { isNewPart: true })),
    fc
      .tuple(fc.constantFrom('start', 'stop', 'pause', 'resume', 'keep', 'drop' as const), fc.constantFrom(ALICE, ROOT))
      .map(
        ([action, asker]) =>
          (life: Life) =>
            life.now === null ? life : life.asked(action, asker),
      ),
  );

  it('recordings are numbered without a gap, at most one of policy and one of live-keep run, and what is wanted is recorded', () => {
    fc.assert(
      fc.property(fc.array(moment, { maxLength: 30 }), (moments) => {
        const life = new Life().decided(OFFER);
        for (const happen of moments) {
          happen(life);
          const running = runningOf(life.past);
          expect(life.past.recordings.map(({ recording }) => recording)).toEqual(
            life.past.recordings.map((_, at) => at + 1),
          );
          expect(new Set(running.map(({ by }) => by)).size).toBe(running.length);
          expect(running.filter(({ by }) => by !== 'live-keep').length).toBeLessThanOrEqual(1);
          const wish = wishOf(life.now!);
          const last = life.past.recordings.findLast(({ by }) => by === wish);
          if (wish !== null && phaseOf(last) !== 'running')
            expect(last!.endReason).toMatch(wish === 'live-keep' ? /dropped|stopped/ : /stopped/);
        }
      }),
      { numRuns: 400 },
    );
  });
});
