import { Headers } from '../headers.ts';
import { EMPTY_BODY, SIP_VERSION, type SipRequest, type SipResponse } from '../message.ts';
import { parseNameAddr } from '../name-addr.ts';

/** Reason phrases of RFC 3261 §21 and of the extensions that this stack answers with. */
const REASONS: Readonly<Record<number, string>> = {
  100: 'Trying',
  180: 'Ringing',
  200: 'OK',
  202: 'Accepted',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Request Entity Too Large',
  415: 'Unsupported Media Type',
  416: 'Unsupported URI Scheme',
  420: 'Bad Extension',
  422: 'Session Interval Too Small',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  482: 'Loop Detected',
  483: 'Too Many Hops',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  491: 'Request Pending',
  500: 'Server Internal Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  505: 'Version Not Supported',
  513: 'Message Too Large',
  603: 'Decline',
};

export interface ResponseDetail {
  readonly reason?: string;
  readonly toTag?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Buffer;
}

export function reasonPhrase(status: number): string {
  return REASONS[status] ?? (status < 300 ? 'OK' : 'Refused');
}

/** A response with what RFC 3261 §8.2.6.2 has it copy. Above 100, `toTag` is put on a To that has none. */
export function createResponse(request: SipRequest, status: number, detail: ResponseDetail = {}): SipResponse {
  const from = request.headers;
  const headers = new Headers();
  for (const via of from.all('Via')) headers.add('Via', via);
  if (status > 100 && status < 300) for (const route of from.all('Record-Route')) headers.add('Record-Route', route);
  headers.add('From', from.get('From') ?? '');
  headers.add('To', taggedTo(from.get('To') ?? '', status > 100 ? detail.toTag : undefined));
  headers.add('Call-ID', from.get('Call-ID') ?? '');
  headers.add('CSeq', from.get('CSeq') ?? '');
  if (status === 100) for (const time of from.all('Timestamp')) headers.add('Timestamp', time);
  for (const [name, value] of Object.entries(detail.headers ?? {})) headers.set(name, value);
  return {
    kind: 'response',
    status,
    reason: detail.reason ?? reasonPhrase(status),
    version: SIP_VERSION,
    headers,
    body: detail.body ?? EMPTY_BODY,
  };
}

/** The tag of a From or To value; undefined without one or when it cannot be read. */
export function tagOf(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  try {
    return parseNameAddr(value).params.get('tag') ?? undefined;
  } catch {
    return undefined;
  }
}

function taggedTo(value: string, tag: string | undefined): string {
  return tag === undefined || tagOf(value) !== undefined ? value : `${value};tag=${tag}`;
}
