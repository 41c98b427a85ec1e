import type { Problem } from './types.ts';

/** An answer that is not what was asked for: a problem of the API, or no answer at all (status 0). */
export class RequestFailed extends Error {
  readonly status: number;
  readonly code: string;
  readonly remedy: string | null;
  /** The parameter or field that is meant, if any. */
  readonly key: string | null;
  readonly requestId: string | null;
  /** Everything the answer held; a conflict tells what stands now. */
  readonly problem: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, detail: string, problem: Partial<Problem> = {}) {
    super(sentence(detail));
    this.name = 'RequestFailed';
    this.status = status;
    this.code = code;
    this.remedy = problem.remedy ?? null;
    this.key = problem.key ?? null;
    this.requestId = problem.requestId ?? null;
    this.problem = { ...problem };
  }
}

export function failureOf(status: number, body: unknown): RequestFailed {
  if (typeof body === 'object' && body !== null && 'code' in body && 'detail' in body) {
    const problem = body as Problem;
    return new RequestFailed(status, problem.code, problem.detail, problem);
  }
  return new RequestFailed(status, 'UNKNOWN', `The server answered with status ${status}.`);
}

export const unreachable = (): RequestFailed =>
  new RequestFailed(0, 'UNREACHABLE', 'Earshot cannot be reached.', {
    remedy: 'Check your connection; this page goes on by itself when the server is back.',
  });

/** The API's details begin with a small letter, since a command prints them after the name of a key. */
function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function isStatus(error: unknown, ...statuses: number[]): boolean {
  return error instanceof RequestFailed && statuses.includes(error.status);
}
