import type { Clock } from '../../base/clock.ts';
import type { Config } from '../../base/config.ts';
import { systemRandom } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import { SiprecServer } from '../../intake/siprec/server/server.ts';
import { ACCEPTED_TYPES } from '../../intake/siprec/session/admission.ts';
import type { CallSink, KeyKeeper, OnSessionCommand } from '../../intake/types.ts';
import { UserAgent } from '../../sip/agent/agent.ts';
import type { Health } from '../../sip/agent/api.ts';
import { isUnspecified } from '../../sip/transport/address.ts';
import { VERSION } from '../version.ts';
import type { TrunkBook } from './trunk-book.ts';

export interface SipSide {
  readonly agent: UserAgent;
  readonly siprec: SiprecServer;
}

/** Whether calls may come, see AgentOptions. */
export interface Fitness {
  readonly health: () => Health;
  readonly room: () => Health;
}

export interface SipParts {
  readonly config: Config;
  readonly trunks: TrunkBook;
  readonly sink: CallSink;
  readonly keeper: KeyKeeper;
  /** What peers ask for in their sessions' signalling. */
  readonly onCommand: OnSessionCommand;
  readonly fitness: Fitness;
  readonly clock: Clock;
  readonly log: Log;
}

/** The SIP agent with the session recording server behind it; it hears nothing before its transports are given to it. */
export function openSip({ config, trunks, sink, keeper, onCommand, fitness, clock, log }: SipParts): SipSide {
  const agent = new UserAgent({
    clock,
    log,
    product: `Earshot/${VERSION}`,
    trunk: (source) => trunks.find(source),
    whyNoTrunk: (source) => trunks.whyNot(source),
    extensions: ['siprec'],
    accept: ACCEPTED_TYPES.split(', ').concat('multipart/*', 'application/*', 'text/*'),
    health: fitness.health,
    room: fitness.room,
    overload: {
      setupsPerSecond: config.limits.setupsPerSecond,
      requestsPerSource: config.limits.requestsPerSource,
    },
    ...(config.sip.advertise === null ? {} : { advertise: config.sip.advertise }),
    onTrace: (entry) => siprec.trace(entry),
  });
  const siprec = new SiprecServer({
    sink,
    keeper,
    onCommand,
    log,
    random: systemRandom,
    mediaAddress: (local) => mediaAddress(config, local),
    restore: (state, handlers) => agent.restore(state, handlers),
  });
  agent.onInvite = (invite) => siprec.invite(invite);
  return { agent, siprec };
}

/** Where peers send media: the advertised address, the one that media sockets are bound to, or the one the INVITE came to. */
function mediaAddress(config: Config, local: string): string {
  return config.sip.advertise ?? (isUnspecified(config.rtp.host) ? local : config.rtp.host);
}
