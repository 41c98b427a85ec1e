import { EarshotError, messageOf, type ErrorCode } from '../base/errors.ts';
import type { JsonValue } from '../base/json.ts';
import type { Problem } from './schema.ts';

/** HTTP status of each code; `docs/errors.md` explains them. */
export const STATUS: Readonly<Record<ErrorCode, number>> = {
  CONFIG_INVALID: 500,
  CONFIG_UNREADABLE: 500,
  DATA_UNWRITABLE: 503,
  DATA_LOCKED: 503,
  DISK_FULL: 507,
  PORT_IN_USE: 500,
  PORTS_EXHAUSTED: 503,
  DATABASE_UNREACHABLE: 503,
  DATABASE_VERSION: 503,
  DATABASE_START: 503,
  KEY_MISSING: 503,
  KEY_INVALID: 503,
  SEAL_CORRUPT: 500,
  MANIFEST_CORRUPT: 500,
  OBJECT_MISSING: 410,
  NOT_FOUND: 404,
  NOT_SIGNED_IN: 401,
  NOT_ALLOWED: 403,
  BAD_REQUEST: 400,
  CONFLICT: 409,
  TOO_MANY_REQUESTS: 429,
  RANGE_INVALID: 416,
  UNAVAILABLE: 503,
  RECORDER_AWAY: 503,
  SERVER_UNREACHABLE: 503,
  CALL_FAILED: 502,
  CODEC_UNSUPPORTED: 415,
  INTERNAL: 500,
};

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request is not valid',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Conflict',
  410: 'Gone',
  413: 'Too large',
  415: 'Unsupported',
  416: 'Range not satisfiable',
  429: 'Too many requests',
  502: 'The other side failed',
  503: 'Not available now',
  507: 'Disk full',
};

/** What Fastify and Node throw by themselves, as far as we look into it. */
interface ForeignError {
  readonly statusCode?: number;
  readonly code?: string;
  readonly validation?: readonly ValidationIssue[];
  readonly validationContext?: string;
}

interface ValidationIssue {
  readonly instancePath?: string;
  readonly keyword?: string;
  readonly message?: string;
  readonly params?: unknown;
}

/** Any thrown value as a problem. What is not meant for people becomes INTERNAL, without its text. */
export function problemOf(error: unknown, requestId: string): Problem {
  if (error instanceof EarshotError) {
    return problem(STATUS[error.code], error.code, error.message, requestId, error);
  }
  const foreign: ForeignError = typeof error === 'object' && error !== null ? error : {};
  if (foreign.validation !== undefined) return invalid(foreign, requestId);
  const status = foreign.statusCode ?? 500;
  if (status >= 400 && status < 500) {
    const code: ErrorCode =
      status === 429
        ? 'TOO_MANY_REQUESTS'
        : status === 404
          ? 'NOT_FOUND'
          : status === 403
            ? 'NOT_ALLOWED'
            : 'BAD_REQUEST';
    return problem(status, code, messageOf(error), requestId);
  }
  return problem(500, 'INTERNAL', 'Something went wrong that should not; the server log tells more.', requestId);
}

function problem(
  status: number,
  code: ErrorCode,
  detail: string,
  requestId: string,
  more: { key?: string | undefined; remedy?: string | undefined; current?: JsonValue | undefined } = {},
): Problem {
  return {
    type: `urn:earshot:problem:${code}`,
    title: TITLES[status] ?? 'Error',
    status,
    code,
    detail,
    ...(more.key === undefined ? {} : { key: more.key }),
    ...(more.remedy === undefined ? {} : { remedy: more.remedy }),
    ...(more.current === undefined ? {} : { current: more.current }),
    requestId,
  };
}

function invalid(error: ForeignError, requestId: string): Problem {
  const issue = error.validation?.[0] ?? {};
  const path = (issue.instancePath ?? '').split('/').filter((part) => part !== '');
  const key = path.length > 0 ? path.join('.') : extraKey(issue.params);
  const where = { querystring: 'query', params: 'path', headers: 'header', body: 'body' }[
    error.validationContext ?? ''
  ];
  const detail = `the ${where ?? 'request'}${key === undefined ? '' : ` member ${key}`} ${saying(issue)}.`;
  return problem(400, 'BAD_REQUEST', detail, requestId, { key });
}

/** The checker's words, save where they speak of its schema and not of the request. */
function saying({ keyword, message }: ValidationIssue): string {
  return keyword === 'boolean' || keyword === 'additionalProperties'
    ? 'is not known here'
    : (message ?? 'is not valid');
}

/** The member that is missing or should not be there. */
function extraKey(params: unknown): string | undefined {
  if (typeof params !== 'object' || params === null) return undefined;
  for (const name of ['additionalProperties', 'requiredProperties', 'additionalProperty', 'missingProperty']) {
    const value: unknown = (params as Record<string, unknown>)[name];
    if (typeof value === 'string') return value;
    if (Array.isArray(value) && typeof value[0] === 'string') return value[0];
  }
  return undefined;
}
