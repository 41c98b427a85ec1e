import createClient from 'openapi-fetch';
import { failureOf, unreachable } from './problem.ts';
import type { paths } from './schema.gen.ts';

/** The API asks for this header, which pages of other sites cannot send. */
const HEADERS = { 'x-earshot-request': '1' };

export const api = createClient<paths>({
  baseUrl: globalThis.location.origin,
  credentials: 'same-origin',
  headers: HEADERS,
  fetch: async (request) => {
    const sent = Date.now();
    const response = await fetch(request).catch((error: unknown) => {
      if (request.signal.aborted) throw error;
      throw unreachable();
    });
    learnServerTime(response, (sent + Date.now()) / 2);
    return response;
  },
});

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** The data of an answer. @throws RequestFailed */
export async function asked<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer;
  if (!response.ok) throw failureOf(response.status, error);
  return data as T;
}

interface Asking {
  readonly query?: Readonly<Record<string, string | number | boolean | null | undefined>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/**
 * An answer of a path that is put together at run time, such as that of a kind of entry; `api` knows the others by their types.
 * @param path below `/api/v1`, with ids already encoded. @throws RequestFailed
 */
export async function ask<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, asking: Asking = {}): Promise<T> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(asking.query ?? {}))
    if (value !== undefined && value !== null && value !== '') query.set(name, String(value));
  const sent = Date.now();
  const response = await fetch(`/api/v1${path}${query.size === 0 ? '' : `?${query}`}`, {
    method,
    credentials: 'same-origin',
    headers: asking.body === undefined ? HEADERS : { ...HEADERS, 'content-type': 'application/json' },
    ...(asking.body === undefined ? {} : { body: JSON.stringify(asking.body) }),
    ...(asking.signal === undefined ? {} : { signal: asking.signal }),
  }).catch((error: unknown) => {
    if (asking.signal?.aborted === true) throw error;
    throw unreachable();
  });
  learnServerTime(response, (sent + Date.now()) / 2);
  const text = await response.text();
  const body = jsonOf(text);
  if (!response.ok) throw failureOf(response.status, body);
  return body as T;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

let aheadMs = 0;

/** Running times count from the server's clock; that of the browser may be wrong by minutes. The header knows whole seconds only. */
function learnServerTime(response: Response, at: number): void {
  const date = response.headers.get('date');
  if (date === null) return;
  const difference = Date.parse(date) + 500 - at;
  if (Math.abs(difference - aheadMs) > 1500) aheadMs = difference;
}

/** Milliseconds since 1970 by the server's clock. */
export function serverNow(): number {
  return Date.now() + (Math.abs(aheadMs) > 2000 ? aheadMs : 0);
}

/** Address of a recording's audio; the browser asks for the ranges that it needs. */
export function audioAddress(id: string, format: 'wav' | 'original' | 'mp3' | 'opus' | 'ul', download = false): string {
  return `/api/v1/recordings/${id}/audio?format=${format}${download ? '&download=1' : ''}`;
}
