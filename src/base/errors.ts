import type { JsonValue } from './json.ts';

/**
 * The catalogue of errors that a person may meet. A code never changes its meaning; the message says what
 * happened, the remedy what to do. Anything else that is thrown is a defect.
 */
export type ErrorCode =
  | 'CONFIG_INVALID'
  | 'CONFIG_UNREADABLE'
  | 'DATA_UNWRITABLE'
  | 'DATA_LOCKED'
  | 'DISK_FULL'
  | 'PORT_IN_USE'
  | 'PORTS_EXHAUSTED'
  | 'DATABASE_UNREACHABLE'
  | 'DATABASE_VERSION'
  | 'DATABASE_START'
  | 'KEY_MISSING'
  | 'KEY_INVALID'
  | 'SEAL_CORRUPT'
  | 'MANIFEST_CORRUPT'
  | 'OBJECT_MISSING'
  | 'NOT_FOUND'
  | 'NOT_SIGNED_IN'
  | 'NOT_ALLOWED'
  | 'BAD_REQUEST'
  | 'CONFLICT'
  | 'TOO_MANY_REQUESTS'
  | 'RANGE_INVALID'
  | 'UNAVAILABLE'
  | 'RECORDER_AWAY'
  | 'SERVER_UNREACHABLE'
  | 'CALL_FAILED'
  | 'CODEC_UNSUPPORTED'
  | 'INTERNAL';

export interface ErrorDetail {
  /** What the person can do about it, one sentence. */
  readonly remedy?: string;
  /** The setting, field or parameter that is meant. */
  readonly key?: string;
  /** What is there now, where somebody else was faster (CONFLICT). */
  readonly current?: JsonValue;
  readonly cause?: unknown;
}

/** An error for people: stable code, one clear line, a remedy. */
export class EarshotError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string | undefined;
  readonly key: string | undefined;
  readonly current: JsonValue | undefined;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'EarshotError';
    this.code = code;
    this.remedy = detail.remedy;
    this.key = detail.key;
    this.current = detail.current;
  }

  /** One line for a terminal or a log: `CODE key: message. Remedy.` */
  get line(): string {
    const key = this.key === undefined ? '' : ` ${this.key}:`;
    const remedy = this.remedy === undefined ? '' : ` ${this.remedy}`;
    return `${this.code}${key} ${this.message}${remedy}`;
  }
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The system error code (`ENOENT`, `EADDRINUSE` …) of a thrown value, if it has one. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
