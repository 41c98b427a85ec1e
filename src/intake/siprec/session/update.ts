import type { SipRequest } from '../../../sip/message.ts';
import type { Headers } from '../../../sip/headers.ts';
import type { KeyKeeper, SessionCommand } from '../../types.ts';
import { applyUpdate } from '../metadata/merge.ts';
import type { Metadata } from '../metadata/types.ts';
import { cleanText } from '../text.ts';
import { admitMedia, notAcceptable } from './admission.ts';
import { readBody, type SessionBody } from './body.ts';
import { continueFacts } from './continuity.ts';
import { speakersDiff } from './events.ts';
import { withNewer } from './headers.ts';
import { badDescription, firstOffer, withFacts } from './open.ts';
import { plainStreams, streamsOf } from './streams.ts';
import type { AnswerPlan, Refusal, SessionEvent, SessionState, Update } from './types.ts';

const NOTES = 24;
const COMMANDS: readonly SessionCommand[] = ['start', 'stop', 'pause', 'resume'];

/**
 * A request within the session's dialog: re-INVITE or UPDATE with a session description, metadata, both or neither; INFO with metadata or
 * a command. On a refusal the session stays as it was (RFC 3261 §14.2). Updates must come in the order of their CSeq. Never throws.
 */
export function updateSession(
  state: SessionState,
  request: SipRequest,
  keeper: KeyKeeper | null = null,
): Update | Refusal {
  const body = readBody(request);
  const next = nextState(state, body, withNewer(state.headers, request.headers, state.factHeaders), keeper);
  if ('kind' in next) return next;
  const control = controlOf(request.headers);
  return {
    kind: 'updated',
    state: next.state,
    facts: next.state.facts,
    changes: changesOf(state, next.state, body),
    answer: next.answer ?? withoutOffer(request.method, next.state),
    rawMetadata: body.rawMetadata,
    ...(control === undefined ? {} : { control }),
  };
}

/** The answer to our own offer, in the ACK of an INVITE that came without one. Unreadable: the session goes on as it was. */
export function takeAnswer(
  state: SessionState,
  ack: Pick<SipRequest, 'headers' | 'body'>,
  keeper: KeyKeeper | null = null,
): Update | Refusal {
  const body = readBody(ack);
  const next = nextState(state, body, state.headers, keeper);
  if ('kind' in next) return next;
  const { facts } = next.state;
  const changes = changesOf(state, next.state, body);
  return {
    kind: 'updated',
    state: next.state,
    facts,
    changes,
    answer: { kind: 'none' },
    rawMetadata: body.rawMetadata,
  };
}

function nextState(
  state: SessionState,
  body: SessionBody,
  headers: SessionState['headers'],
  keeper: KeyKeeper | null,
): { state: SessionState; answer: AnswerPlan | undefined } | Refusal {
  if (typeof body.sdp === 'string') return badDescription(body.sdp);
  const signalled = body.sdp === undefined ? undefined : streamsOf(body.sdp, state.streams, keeper);
  // An offer may remove every stream, but one that only holds what cannot be taken is refused.
  if (signalled?.taken.length === 0 && signalled.notes.length > 0) return notAcceptable(signalled.notes[0]!);
  const unprotected = signalled && admitMedia(state.srtp ?? 'any', plainStreams(signalled));
  if (unprotected !== undefined) return unprotected;
  const merged = mergeMetadata(state, body);
  const { facts: previous, ...rest } = state;
  const raw = withFacts({
    ...rest,
    ...merged,
    headers,
    attachments: body.attachments.length > 0 ? body.attachments : state.attachments,
    streams: signalled?.streams ?? state.streams,
    notes: noted(state.notes, [...merged.notes, ...body.notes, ...(signalled?.notes ?? [])]),
  });
  const answer: AnswerPlan | undefined =
    body.sdp === undefined || signalled === undefined
      ? undefined
      : { kind: 'answer', offer: body.sdp, streams: signalled.taken };
  return { state: { ...raw, facts: continueFacts(previous, raw.facts) }, answer };
}

interface MergedMetadata {
  readonly metadata: Metadata | null;
  readonly metadataFault: string | null;
  readonly notes: readonly string[];
}

/** What cannot be read as a whole, or names nobody, does not replace what is known. */
function mergeMetadata(state: SessionState, body: SessionBody): MergedMetadata {
  const { metadata, metadataFault } = body;
  const known = state.metadata;
  if (metadataFault !== undefined && known !== null) {
    const text = `An update of the metadata could not be read as a whole: ${metadataFault}. What was known before stays.`;
    return { metadata: known, metadataFault: state.metadataFault, notes: [text] };
  }
  if (metadata === undefined) {
    return { metadata: known, metadataFault: metadataFault ?? state.metadataFault, notes: [] };
  }
  const fault = metadataFault ?? null;
  if (known === null) return { metadata: { ...metadata, mode: 'complete' }, metadataFault: fault, notes: [] };
  if (metadata.mode === 'complete' && metadata.participants.length === 0 && known.participants.length > 0) {
    const kept = applyUpdate(known, { ...metadata, mode: 'partial' });
    return {
      metadata: kept,
      metadataFault: null,
      notes: ['An update of the metadata names no parties; those known before stay.'],
    };
  }
  return { metadata: applyUpdate(known, metadata), metadataFault: fault, notes: [] };
}

function noted(previous: readonly string[], notes: readonly string[]): string[] {
  return [...new Set([...previous, ...notes])].slice(-NOTES);
}

/** Without an offer a re-INVITE wants one of ours, with the streams in their places; UPDATE and INFO want none (RFC 3311, RFC 6086). */
function withoutOffer(method: string, state: SessionState): AnswerPlan {
  if (method !== 'INVITE') return { kind: 'none' };
  const last = state.streams.at(-1)?.index;
  if (last === undefined) return firstOffer(state.srtp);
  const lines = Array.from({ length: last + 1 }, (_, index) => {
    const stream = state.streams.find((one) => one.index === index);
    return stream === undefined || stream.state === 'removed' ? null : stream.label;
  });
  const suites = lines.map((_, index) => state.streams.find((one) => one.index === index)?.security?.suite ?? null);
  return suites.every((suite) => suite === null) ? { kind: 'offer', lines } : { kind: 'offer', lines, suites };
}

function changesOf(before: SessionState, after: SessionState, body: SessionBody): SessionEvent[] {
  const changes = speakersDiff(before.facts, after.facts);
  if (body.metadataFault !== undefined) {
    return [
      ...changes,
      { type: 'metadata', text: `Metadata came that could not be read as a whole: ${body.metadataFault}.` },
    ];
  }
  if (body.rawMetadata === null || changes.length > 0) return changes;
  return [{ type: 'metadata', text: 'New metadata came; nobody joined or left.' }];
}

/** `X-AC-Action: pause-siprec` (AudioCodes), `X-Reason: pauseCallRecording` (jambonz). */
function controlOf(headers: Headers): Update['control'] {
  const text = cleanText(`${headers.get('X-AC-Action') ?? ''} ${headers.get('X-Reason') ?? ''}`).toLowerCase();
  const verb = /\b(start|stop|pause|resume)(?:-siprec|callrecording)\b/.exec(text)?.[1];
  return COMMANDS.find((one) => one === verb);
}
