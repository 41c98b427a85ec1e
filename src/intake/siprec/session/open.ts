import type { TrunkConfig } from '../../../base/trunks.ts';
import type { SipRequest } from '../../../sip/message.ts';
import type { KeyKeeper } from '../../types.ts';
import { buildFacts } from '../facts/build.ts';
import { ACCEPTED_TYPES, admit, admitMedia, notAcceptable, refuse } from './admission.ts';
import { readBody, type SessionBody } from './body.ts';
import { headersFrom, keptHeaders } from './headers.ts';
import { plainStreams, type SignalledStreams, streamsOf } from './streams.ts';
import type { AnswerPlan, Opening, Refusal, SessionState } from './types.ts';

/** Labels of the m-lines that we offer when the client offers none. */
const OFFER_LABELS: readonly string[] = ['1', '2'];
/** The suite that everybody must have (RFC 4568 §6.2.1). */
const OFFERED_SUITE = 'AES_CM_128_HMAC_SHA1_80';

/**
 * An INVITE outside of a dialog. Either a session with its facts and the plan for its answer, or the refusal to send. Never throws on
 * anything that a peer can send.
 * @param keeper seals media keys; without it streams under SRTP are refused
 */
export function openSession(
  request: SipRequest,
  trunk: TrunkConfig,
  keeper: KeyKeeper | null = null,
): Opening | Refusal {
  const body = readBody(request);
  const refused = admit(request.headers, trunk, body.rawMetadata !== null);
  if (refused !== undefined) return refused;
  if (body.foreign) return refuse(415, 'Unsupported Media Type', { Accept: ACCEPTED_TYPES });
  if (typeof body.sdp === 'string') return badDescription(body.sdp);
  const signalled: SignalledStreams =
    body.sdp === undefined ? { streams: [], taken: [], notes: [] } : streamsOf(body.sdp, [], keeper);
  if (body.sdp !== undefined && signalled.taken.length === 0)
    return notAcceptable(signalled.notes[0] ?? 'no audio stream');
  const unprotected = admitMedia(trunk.srtp, plainStreams(signalled));
  if (unprotected !== undefined) return unprotected;
  const answer: AnswerPlan =
    body.sdp === undefined ? firstOffer(trunk.srtp) : { kind: 'answer', offer: body.sdp, streams: signalled.taken };
  const state = firstState(request, trunk, body, signalled);
  const { facts } = state;
  return { kind: 'opened', state, facts, answer, rawMetadata: body.rawMetadata, warnings: facts.warnings };
}

/** Our offer to a client that made none. */
export function firstOffer(srtp: TrunkConfig['srtp'] = 'any'): Extract<AnswerPlan, { kind: 'offer' }> {
  if (srtp === 'any') return { kind: 'offer', lines: OFFER_LABELS };
  return { kind: 'offer', lines: OFFER_LABELS, suites: OFFER_LABELS.map(() => OFFERED_SUITE) };
}

export function badDescription(why: string): Refusal {
  return refuse(400, `Bad session description: ${why}`);
}

function firstState(
  request: SipRequest,
  trunk: TrunkConfig,
  body: SessionBody,
  signalled: SignalledStreams,
): SessionState {
  return withFacts({
    trunk: trunk.name,
    requestUri: request.uri.slice(0, 1024),
    headers: keptHeaders(request.headers, trunk.headers),
    ...(trunk.headers === undefined ? {} : { factHeaders: trunk.headers }),
    ...(trunk.srtp === 'any' ? {} : { srtp: trunk.srtp }),
    metadata: body.metadata ?? null,
    metadataFault: body.metadataFault ?? null,
    attachments: body.attachments,
    streams: signalled.streams,
    notes: [...body.notes, ...signalled.notes],
  });
}

/** Derives the facts from the rest of the state. */
export function withFacts(state: Omit<SessionState, 'facts'>): SessionState {
  const { metadataFault } = state;
  const facts = buildFacts({
    trunk: state.trunk,
    requestUri: state.requestUri,
    headers: headersFrom(state.headers),
    metadata: state.metadata ?? undefined,
    ...(metadataFault === null ? {} : { metadataFault }),
    attachments: state.attachments,
    streams: state.streams,
    ...(state.factHeaders === undefined ? {} : { factHeaders: state.factHeaders }),
    notes: state.notes,
  });
  return { ...state, facts };
}
