/** Writing DER (X.690): just what a certificate needs. Every function returns a whole element: tag, length, contents. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  if (body.length < 128) return Buffer.concat([Buffer.of(tag, body.length), body]);
  let digits = '';
  for (let rest = body.length; rest > 0; rest = Math.floor(rest / 256)) {
    digits = (rest % 256).toString(16).padStart(2, '0') + digits;
  }
  const length = Buffer.from(digits, 'hex');
  return Buffer.concat([Buffer.of(tag, 0x80 | length.length), length, body]);
}

export const sequence = (...items: readonly Uint8Array[]): Buffer => element(0x30, ...items);
export const set = (...items: readonly Uint8Array[]): Buffer => element(0x31, ...items);
export const octets = (bytes: Uint8Array): Buffer => element(0x04, bytes);
export const utf8 = (text: string): Buffer => element(0x0c, Buffer.from(text));
export const truth = (value: boolean): Buffer => element(0x01, Buffer.of(value ? 0xff : 0));
export const nothing = (): Buffer => element(0x05);

/** Bits counted from the left; `unused` of the last byte do not count. */
export const bits = (bytes: Uint8Array, unused = 0): Buffer => element(0x03, Buffer.of(unused), bytes);

/** A non-negative whole number from its big-endian bytes. */
export function integer(bytes: Uint8Array): Buffer {
  let from = 0;
  while (from < bytes.length - 1 && bytes[from] === 0) from += 1;
  const body = bytes.subarray(from);
  return element(0x02, (body[0] ?? 0) > 127 ? Buffer.concat([Buffer.of(0), body]) : body);
}

/** `2.5.29.17` → an object identifier. */
export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const groups = [arc & 127];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 127) | 128);
    bytes.push(...groups);
  }
  return element(0x06, Buffer.from(bytes));
}

/** UTCTime to 2049, GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5). */
export function time(at: Date): Buffer {
  const text = at.toISOString().replace(/\.\d+/, '').replaceAll(/[-:T]/g, '');
  const year = at.getUTCFullYear();
  return year < 2050 ? element(0x17, Buffer.from(text.slice(2))) : element(0x18, Buffer.from(text));
}
