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
export function audioAddress(id: string, format: 'wav' | 'original' | 'mp3' | 'ul', download = false): string {
  return `/api/v1/recordings/${id}/audio?format=${format}${download ? '&download=1' : ''}`;
}
