/**
 * Scanning of SIP header values outside quoted strings and angle brackets (RFC 3261 §25.1). Every function is linear in
 * its input and never throws.
 */

/** Splits at `separator` where it stands outside quoted strings and `<…>`; parts are trimmed, empty ones kept. */
export function splitOutside(text: string, separator: ',' | ';'): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') at = quoteEnd(text, at);
    else if (char === '<') at = angleEnd(text, at);
    else if (char === separator) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  parts.push(text.slice(start).trim());
  return parts;
}

/** Index of the quote that closes the one at `open`, or the text's length when none does. A backslash escapes one character. */
export function quoteEnd(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

/** Index of the `>` that closes the `<` at `open`, or the text's length. Quotes have no meaning inside a URI. */
function angleEnd(text: string, open: number): number {
  const end = text.indexOf('>', open);
  return end < 0 ? text.length : end;
}

/** The elements of a comma-separated header value; empty elements, which senders leave behind, are dropped. */
export function splitList(text: string): string[] {
  if (!text.includes(',')) return text.trim() === '' ? [] : [text.trim()];
  return splitOutside(text, ',').filter((part) => part !== '');
}

/** Text of a quoted string without quotes and escapes; anything else as it is. */
export function unquote(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  return text.slice(1, -1).replaceAll(/\\([\s\S])/g, '$1');
}

/** A quoted string holding `text`, with quotes and backslashes escaped. */
export function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

const TOKEN = /^[\w.!%*+`'~-]+$/;

/** Whether `text` is a token of RFC 3261 §25.1 (methods, header names, parameter names). */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** Parameters by lower-case name; null where a name stands without `=`. */
export type Params = Map<string, string | null>;

/** Reads `a=b;c;d="e"`. Quoted values lose their quotes; of a repeated name the first counts; empty pieces are skipped. */
export function parseParams(text: string): Params {
  const params: Params = new Map();
  for (const piece of splitOutside(text, ';')) {
    if (piece === '') continue;
    const equals = piece.indexOf('=');
    const name = (equals < 0 ? piece : piece.slice(0, equals)).trim().toLowerCase();
    if (name === '' || params.has(name)) continue;
    params.set(name, equals < 0 ? null : unquote(piece.slice(equals + 1).trim()));
  }
  return params;
}

/** Writes `;a=b;c;d="e f"`, quoting what is neither token nor host. Empty for no parameters. */
export function formatParams(params: ReadonlyMap<string, string | null>): string {
  let text = '';
  for (const [name, value] of params) {
    text += value === null ? `;${name}` : `;${name}=${/^[\w.!%*+`'~:[\]-]+$/.test(value) ? value : quote(value)}`;
  }
  return text;
}

/** Whether a comma stands where a parameter name should: `;;,;`, left behind by broken senders (RFC 4475 §3.1.2.1). */
export function strayComma(tail: string): boolean {
  return tail.includes(',') && splitOutside(tail, ';').some((piece) => piece.startsWith(','));
}
