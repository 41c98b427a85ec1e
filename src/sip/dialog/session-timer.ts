import type { Clock, Timer } from '../../base/clock.ts';
import { parseSeconds, parseValueParams } from '../fields.ts';
import type { Headers } from '../headers.ts';
import type { SipRequest, SipResponse } from '../message.ts';

/** RFC 4028 §4: no shorter interval may be asked for. */
export const LEAST_SECONDS = 90;
/** §4: the recommended interval. */
export const USUAL_SECONDS = 1800;

export interface TimerTerms {
  readonly seconds: number;
  readonly refresher: 'us' | 'peer';
}

export interface TimerPolicy {
  /** Our Min-SE. */
  readonly least: number;
  /** What we ask for when the peer leaves it to us. */
  readonly usual: number;
}

export type Negotiated =
  | { readonly kind: 'tooSmall'; readonly minSe: number }
  | { readonly kind: 'off' }
  | { readonly kind: 'on'; readonly terms: TimerTerms; readonly headers: Readonly<Record<string, string>> };

/** Whether the sender of a message knows session timers. */
export function supportsTimer(headers: Headers): boolean {
  return [...headers.all('Supported'), ...headers.all('Require')].some((tag) => tag.trim().toLowerCase() === 'timer');
}

/**
 * Our answer to the timer of an INVITE or UPDATE (RFC 4028 §9). The peer refreshes wherever it can; a peer that does not know timers but
 * whose proxy asked for one gets a session that we refresh; with neither there is no timer.
 */
export function negotiate(request: SipRequest, policy: TimerPolicy): Negotiated {
  const { headers } = request;
  const asked = headers.get('Session-Expires');
  const seconds = parseSeconds(asked);
  const knows = supportsTimer(headers);
  if (seconds === undefined) {
    if (!knows) return { kind: 'off' };
    const chosen = Math.max(policy.usual, parseSeconds(headers.get('Min-SE')) ?? 0);
    return on({ seconds: chosen, refresher: 'peer' }, knows);
  }
  // §9: 422 only to who knows timers; for the others the interval is taken as it is.
  if (seconds < policy.least && knows) return { kind: 'tooSmall', minSe: policy.least };
  const wanted = parseValueParams(asked ?? '').params.get('refresher');
  const refresher = !knows || wanted?.toLowerCase() === 'uas' ? 'us' : 'peer';
  return on({ seconds: Math.max(seconds, LEAST_SECONDS), refresher }, knows);
}

function on(terms: TimerTerms, knows: boolean): Negotiated {
  const side = terms.refresher === 'us' ? 'uas' : 'uac';
  return {
    kind: 'on',
    terms,
    headers: {
      'Session-Expires': `${terms.seconds};refresher=${side}`,
      // §9: demanded when the caller is to refresh, so that it does not overlook it.
      ...(knows && terms.refresher === 'peer' && { Require: 'timer' }),
    },
  };
}

/** The terms in a 2xx to our own INVITE or UPDATE (§7.2); undefined: no timer. */
export function agreed(response: SipResponse): TimerTerms | undefined {
  const value = response.headers.get('Session-Expires');
  const seconds = parseSeconds(value);
  if (seconds === undefined) return undefined;
  const refresher = parseValueParams(value ?? '')
    .params.get('refresher')
    ?.toLowerCase();
  return { seconds: Math.max(seconds, LEAST_SECONDS), refresher: refresher === 'uas' ? 'peer' : 'us' };
}

export interface TimerUser {
  /** Time to refresh: half of the interval has passed (§10). */
  refresh(): void;
  /** Nobody refreshed. */
  expired(): void;
}

/** Counts a session's interval down. The deadline is wall time, so that it outlives a restart. */
export class SessionTimer {
  readonly #clock: Clock;
  readonly #user: TimerUser;
  #terms: TimerTerms | undefined;
  #expiresAt = 0;
  #expiry: Timer | undefined;
  #refresh: Timer | undefined;

  constructor(clock: Clock, user: TimerUser) {
    this.#clock = clock;
    this.#user = user;
  }

  get terms(): TimerTerms | undefined {
    return this.#terms;
  }

  get saved(): { seconds: number; refresher: 'us' | 'peer'; expiresAt: number } | null {
    return this.#terms === undefined ? null : { ...this.#terms, expiresAt: this.#expiresAt };
  }

  /** Begins a full interval, or stops for good (undefined). */
  restart(terms: TimerTerms | undefined): void {
    this.stop();
    this.#terms = terms;
    if (terms === undefined) return;
    this.#run(terms.seconds * 1000, terms);
  }

  /**
   * Goes on with a saved deadline. One that passed while nobody was there to be refreshed is given `graceMs` more: the refresh may have
   * been missed, and the call must not be lost by that.
   */
  resume(saved: { seconds: number; refresher: 'us' | 'peer'; expiresAt: number }, graceMs: number): void {
    this.stop();
    this.#terms = { seconds: saved.seconds, refresher: saved.refresher };
    const left = Math.min(saved.expiresAt - this.#clock.now(), saved.seconds * 1000);
    this.#run(Math.max(left, graceMs + early(saved.seconds)), this.#terms);
  }

  stop(): void {
    this.#expiry?.cancel();
    this.#refresh?.cancel();
  }

  #run(left: number, terms: TimerTerms): void {
    this.#expiresAt = this.#clock.now() + left;
    this.#expiry = this.#clock.after(left - early(terms.seconds), () => this.#user.expired());
    if (terms.refresher !== 'us') return;
    const due = left - (terms.seconds * 1000) / 2;
    this.#refresh = this.#clock.after(Math.max(due, 0), () => this.#user.refresh());
  }
}

/** §10: the BYE leaves this much before the end: 32 s or a third of the interval, whichever is less. Milliseconds. */
function early(seconds: number): number {
  return Math.min(32_000, (seconds * 1000) / 3);
}
