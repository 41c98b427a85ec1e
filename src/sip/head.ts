import { isToken } from './tokens.ts';
import { Headers } from './headers.ts';

/** RFC 4475's longest test message has some 70 lines; a thousand calls need no more either. */
const MAX_HEADER_LINES = 512;

/** What is wrong with a message, and the status to answer with. */
export interface Problem {
  readonly status: number;
  readonly reason: string;
  readonly at: string;
}

export type StartLine =
  | { readonly kind: 'request'; readonly method: string; readonly uri: string; readonly version: string }
  | { readonly kind: 'response'; readonly status: number; readonly reason: string; readonly version: string };

/** Start line and headers as far as they could be read, and the first thing that is wrong with them. */
export interface Head {
  readonly start: StartLine | null;
  readonly headers: Headers;
  readonly problem: Problem | null;
}

/**
 * Index behind the blank line that ends the headers, -1 when it has not come yet. Bare LF counts as a line end.
 * @param from where to go on looking; bytes before it hold no line end that could begin the blank line
 */
export function headEnd(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(10, from); at >= 0; at = bytes.indexOf(10, at + 1)) {
    if (bytes[at + 1] === 10) return at + 2;
    if (bytes[at + 1] === 13 && bytes[at + 2] === 10) return at + 3;
  }
  return -1;
}

/** Reads start line and headers (RFC 3261 §7.1–7.3). Never throws; goes on after an error so that an answer can be made. */
export function readHead(text: string): Head {
  const [first = '', ...rest] = text.split(/\r?\n/);
  const { start, problem } = readStartLine(first);
  const headers = new Headers();
  const wrong = readHeaders(rest, headers);
  return { start, headers, problem: problem ?? wrong };
}

/** Reads the first line; `start` is null when it is not SIP's, whatever follows. */
export function readStartLine(line: string): { start: StartLine | null; problem: Problem | null } {
  return /^SIP\/\S*(?:\s|$)/i.test(line) ? readStatusLine(line) : readRequestLine(line);
}

/** `SIP-Version SP Status-Code SP Reason-Phrase`; the last space may be missing where the reason is empty. */
function readStatusLine(line: string): { start: StartLine | null; problem: Problem | null } {
  const match = /^(\S+)[ \t]+(\d+)(?:[ \t](.*))?$/su.exec(line);
  if (match === null) return { start: null, problem: wrong('Invalid status line') };
  const start: StartLine = {
    kind: 'response',
    version: match[1]!.toUpperCase(),
    status: Number(match[2]),
    reason: (match[3] ?? '').trim(),
  };
  if (start.version !== 'SIP/2.0') return { start, problem: wrong('Version Not Supported', 505) };
  const valid = match[2]!.length === 3 && start.status >= 100 && start.status <= 699;
  return { start, problem: valid ? null : wrong('Invalid status code') };
}

/**
 * `Method SP Request-URI SP SIP-Version`. More spaces between and behind them are ignored, as RFC 4475 §3.1.2.9 and .10 allow;
 * spaces inside the URI are not (.8).
 */
function readRequestLine(line: string): { start: StartLine | null; problem: Problem | null } {
  const words = line.trimEnd().split(/[ \t]+/);
  const method = words[0] ?? '';
  if (!isToken(method) || words.length < 2) return { start: null, problem: wrong('Invalid request line') };
  const last = words.at(-1)!;
  const hasVersion = words.length > 2 && last.includes('/');
  const start: StartLine = {
    kind: 'request',
    method,
    uri: words.slice(1, hasVersion ? -1 : undefined).join(' '),
    version: hasVersion ? last.toUpperCase() : '',
  };
  if (!/^SIP\/\d+\.\d+$/.test(start.version))
    return { start: null, problem: wrong('Request line without SIP version') };
  if (start.version !== 'SIP/2.0') return { start, problem: wrong('Version Not Supported', 505) };
  return { start, problem: start.uri.includes(' ') ? wrong('White space in Request-URI') : null };
}

function wrong(reason: string, status = 400): Problem {
  return { status, reason, at: 'start line' };
}

/** Adds the header lines, folded ones joined by one space (§7.3.1). Lines that are no header are left out and reported. */
function readHeaders(lines: readonly string[], headers: Headers): Problem | null {
  let problem: Problem | null = null;
  let count = 0;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    if (line === '') break;
    if (++count > MAX_HEADER_LINES) return { status: 400, reason: 'Too many headers', at: `header ${count}` };
    const parts = [line];
    while (/^[ \t]/.test(lines[at + 1] ?? '')) parts.push(lines[++at]!.trim());
    const text = parts.join(' ');
    const colon = text.indexOf(':');
    const name = text.slice(0, Math.max(0, colon)).trimEnd();
    if (isToken(name)) headers.add(name, text.slice(colon + 1));
    else problem ??= { status: 400, reason: 'Invalid header line', at: `header ${count}` };
  }
  return problem;
}
