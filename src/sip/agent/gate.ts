import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { TrunkConfig } from '../../base/trunks.ts';
import { negotiate, type Negotiated, type TimerPolicy } from '../dialog/session-timer.ts';
import { DigestServer } from '../digest-server.ts';
import { type ResponseDetail, tagOf } from '../transaction/response.ts';
import type { SipRequest } from '../message.ts';
import type { Refused } from '../transaction/layer.ts';
import type { Source } from '../transport/types.ts';
import type { ServerTransaction } from '../transaction/server.ts';
import type { AgentOptions, Health } from './api.ts';
import { type Abilities, objection } from './checks.ts';
import { Overload } from './overload.ts';
import type { Denial } from './trunks.ts';

export interface GateOptions {
  readonly options: AgentOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly timerPolicy: TimerPolicy;
  readonly respond: (transaction: ServerTransaction, status: number, why: string, detail?: ResponseDetail) => void;
  readonly capabilities: () => Readonly<Record<string, string>>;
}

/** Strangers are logged once a minute each, and so many of them at most: a scan must not fill the log. */
const LOG_AGAIN_MS = 60_000;
const MOST_STRANGERS = 1000;

/** Decides which requests get in: who may send, what we can do, whether we are fit for a call. Refuses the others. */
export class Gate {
  readonly #options: GateOptions;
  readonly #abilities: Abilities;
  readonly #digests = new Map<string, DigestServer>();
  readonly #strangers = new Map<string, number>();
  readonly #secret: Buffer;
  readonly overload: Overload;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#secret = options.random(32);
    const unlimited = { setupsPerSecond: null, requestsPerSource: null };
    this.overload = new Overload(options.clock, options.options.overload ?? unlimited);
    const { extensions, accept } = options.options;
    this.#abilities = {
      extensions: ['timer', ...(extensions ?? [])].map((tag) => tag.toLowerCase()),
      accept: (accept ?? ['application/sdp']).map((type) => type.toLowerCase()),
    };
  }

  close(): void {
    this.#strangers.clear();
  }

  trunkOf(source: Source): TrunkConfig | undefined {
    return this.#options.options.trunk?.(source);
  }

  /** What a sender without a trunk is told. */
  turnAway(request: SipRequest, source: Source): Refused | 'handled' {
    if (!this.overload.hears(source.address)) return 'handled';
    const denial = this.#options.options.whyNoTrunk?.(source);
    this.#logStranger(request, source, denial);
    if (denial === undefined) return this.#refusal({ status: 403, why: 'no trunk' });
    return this.#refusal({ status: 403, why: 'demand of the trunk', reason: denial.reason });
  }

  /** An INVITE outside of any dialog: undefined when it may become a transaction. */
  screenInvite(request: SipRequest, key: string, trunk: TrunkConfig): Refused | undefined {
    const problem = objection(request, this.#abilities);
    if (problem !== undefined) return this.#refusal(problem);
    if (trunk.digest !== null && !request.headers.has('Authorization')) {
      const challenge = this.#digestOf(trunk.name).challenge(false);
      return this.#refusal({ status: 401, why: 'digest missing', headers: { 'WWW-Authenticate': challenge } });
    }
    const room = this.overload.admit(trunk, key, () => this.#fitness());
    return room.ok ? undefined : this.#unfit(room);
  }

  /** Anything else outside of a dialog that we know: always answered without state, or not at all when it comes too often. */
  screenOther(request: SipRequest, source: Source): Refused | 'handled' {
    if (!this.overload.hears(source.address)) return 'handled';
    const problem = objection(request, this.#abilities);
    if (problem !== undefined) return this.#refusal(problem);
    if (request.method !== 'OPTIONS' || tagOf(request.headers.get('To')) !== undefined) {
      return this.#refusal({ status: 481, why: 'no dialog' });
    }
    // RFC 3261 §11.2: what an INVITE would be told now.
    const health = this.#health();
    if (!health.ok) return this.#unfit(health);
    return { status: 200, why: 'options', headers: this.#options.capabilities() };
  }

  /** A request within a dialog; false when it has been refused. */
  admitWithin(transaction: ServerTransaction): boolean {
    const problem = objection(transaction.request, this.#abilities);
    if (problem === undefined) return true;
    const { status, why, headers } = problem;
    this.#options.respond(transaction, status, why, headers === undefined ? {} : { headers });
    return false;
  }

  /** The session timer of an INVITE that may go on to the user; undefined when it has been refused. */
  admitInvite(
    transaction: ServerTransaction,
    trunk: TrunkConfig,
  ): Extract<Negotiated, { kind: 'on' | 'off' }> | undefined {
    if (!this.#authenticated(transaction, trunk)) return undefined;
    const { headers } = transaction.request;
    if (!headers.has('Contact')) {
      this.#options.respond(transaction, 400, 'no Contact', { reason: 'Missing Contact' });
      return undefined;
    }
    const timer = negotiate(transaction.request, this.#options.timerPolicy);
    if (timer.kind !== 'tooSmall') return timer;
    this.#options.respond(transaction, 422, 'session interval', { headers: { 'Min-SE': String(timer.minSe) } });
    return undefined;
  }

  #health(): Health {
    return this.#options.options.health?.() ?? { ok: true };
  }

  #fitness(): Health {
    const health = this.#health();
    return health.ok ? (this.#options.options.room?.() ?? health) : health;
  }

  #unfit({ reason, retryAfterSeconds }: Extract<Health, { ok: false }>): Refused {
    return this.#refusal({ status: 503, why: reason, headers: { 'Retry-After': String(retryAfterSeconds) } });
  }

  #refusal({ headers, ...rest }: Refused): Refused {
    return { ...rest, headers: { Server: this.#options.options.product, ...headers } };
  }

  /**
   * RFC 3261 §22.1. Within a dialog the tags stand for the first proof, since many clients answer no challenge there; OPTIONS is a
   * question about health that SBCs ask without credentials.
   */
  #authenticated(transaction: ServerTransaction, trunk: TrunkConfig): boolean {
    const { digest } = trunk;
    const { request } = transaction;
    if (digest === null) return true;
    const server = this.#digestOf(trunk.name);
    const { method, uri, headers } = request;
    const verdict = server.verify({ method, uri, authorization: headers.get('Authorization') }, (username) =>
      username === digest.username ? digest.password : null,
    );
    if (verdict.ok) return true;
    if (verdict.why === 'wrong') {
      this.#options.log.warn({ trunk: trunk.name, address: transaction.source.address }, 'wrong SIP credentials');
    }
    this.#options.respond(transaction, 401, `digest ${verdict.why}`, {
      headers: { 'WWW-Authenticate': server.challenge(verdict.why === 'stale') },
    });
    return false;
  }

  #digestOf(trunk: string): DigestServer {
    let server = this.#digests.get(trunk);
    if (server === undefined) {
      const { clock, random } = this.#options;
      server = new DigestServer({ realm: `earshot-${trunk}`, secret: this.#secret, clock, random });
      this.#digests.set(trunk, server);
    }
    return server;
  }

  #logStranger({ method }: SipRequest, { address, protocol }: Source, denial: Denial | undefined): void {
    const now = this.#options.clock.mono();
    const last = this.#strangers.get(address);
    if (last !== undefined && now - last < LOG_AGAIN_MS) return;
    if (last === undefined && this.#strangers.size >= MOST_STRANGERS) this.#strangers.clear();
    this.#strangers.set(address, now);
    if (denial !== undefined) {
      const { trunk, reason, detail } = denial;
      this.#options.log.warn(
        { address, protocol, method, trunk, reason, detail },
        'SIP request was refused: it does not meet what its trunk demands',
      );
      return;
    }
    this.#options.log.warn(
      { address, protocol, method },
      'SIP request from an address that no trunk names was refused; name it under `trunks` if it is yours',
    );
  }
}
