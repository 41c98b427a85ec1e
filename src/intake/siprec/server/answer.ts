import { answerRecording, type LocalMedia, type LocalSession } from '../../../sdp/answer.ts';
import { writeSdp } from '../../../sdp/write.ts';
import type { KeyKeeper, SessionFacts, StreamFacts, StreamPorts } from '../../types.ts';
import { OFFERED_CODECS, recordingOffer } from '../session/offer.ts';
import { answeringCrypto, ownCrypto } from '../session/security.ts';
import type { AnswerPlan } from '../session/types.ts';

export const SDP_TYPE = 'application/sdp';

/** Our side of a session's descriptions: one origin for its life, the version raised with each (RFC 3264 §8). */
export interface LocalDescription {
  readonly id: string;
  readonly version: number;
  /** Address that media shall be sent to. */
  readonly address: string;
}

/**
 * The session description that the plan asks for; undefined: none.
 * @param keeper gives our own media keys; null: no SRTP
 */
export function describe(
  plan: AnswerPlan,
  ports: readonly StreamPorts[],
  local: LocalDescription,
  keeper: KeyKeeper | null,
): string | undefined {
  if (plan.kind === 'none') return undefined;
  const session: LocalSession = { id: local.id, version: String(local.version), address: local.address };
  const media = (index: number): LocalMedia | null => {
    const found = ports.find((one) => one.index === index);
    return found === undefined ? null : { address: local.address, rtpPort: found.rtpPort, rtcpPort: found.rtcpPort };
  };
  // The session's number makes the keys its own, and lasts as long as it.
  const context = (index: number): string => `${local.id}/${index}`;
  if (plan.kind === 'offer') {
    const crypto = (index: number): string | null => {
      const suite = plan.suites?.[index] ?? null;
      return suite === null || keeper === null ? null : ownCrypto('1', suite, keeper, context(index));
    };
    return writeSdp(recordingOffer(plan.lines, (index) => media(index)!, session, crypto));
  }
  return writeSdp(
    answerRecording(plan.offer, (index) => (plan.streams.includes(index) ? media(index) : null), session, {
      crypto: (offered) => (keeper === null ? null : answeringCrypto(offered.crypto, keeper, context(offered.index))),
    }),
  );
}

/**
 * Where the client left the offer to us, its streams are not known before its answer: until then there is one for each line of ours, fed from the
 * trunk's media ranges alone.
 */
export function withOfferedStreams(facts: SessionFacts, plan: AnswerPlan): SessionFacts {
  if (plan.kind !== 'offer' || facts.streams.length > 0) return facts;
  const streams = plan.lines.flatMap((label, index): StreamFacts[] =>
    label === null
      ? []
      : [
          {
            index,
            label,
            speakers: [],
            codecs: OFFERED_CODECS,
            sourceAddress: '',
            sourcePort: 0,
            rtcpMux: false,
            // Where we offer SRTP, its keys come with the answer; what comes before it nobody could check.
            state: (plan.suites?.[index] ?? null) === null ? 'active' : 'held',
          },
        ],
  );
  return { ...facts, streams };
}
