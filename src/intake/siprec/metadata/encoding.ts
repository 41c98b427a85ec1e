/**
 * Bytes of an XML document as text, by what the bytes are rather than by what they claim (XML 1.0 appendix F): byte order mark,
 * then the pattern of zero bytes, then the declaration, then UTF-8. Bytes that are not UTF-8 are read as ISO-8859-1, in which every
 * byte means something, so nothing is lost. Never throws.
 */
export function decodeXml(bytes: Buffer): string {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return utf8OrLatin(bytes.subarray(3));
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return utf16(bytes.subarray(2), 'le');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return utf16(bytes.subarray(2), 'be');
  if (bytes[0] === 0x3c && bytes[1] === 0) return utf16(bytes, 'le');
  if (bytes[0] === 0 && bytes[1] === 0x3c) return utf16(bytes, 'be');
  const declared = declaredEncoding(bytes);
  if (declared !== undefined && /^(iso[-_]?8859[-_]?1|latin-?1|windows-1252|cp1252)$/i.test(declared)) {
    return new TextDecoder('windows-1252').decode(bytes);
  }
  return utf8OrLatin(bytes);
}

function declaredEncoding(bytes: Buffer): string | undefined {
  const head = bytes.subarray(0, 200).toString('latin1');
  return /^\s*<\?xml[^>]*?\bencoding\s*=\s*["']([\w.:-]{1,40})["']/i.exec(head)?.[1];
}

function utf8OrLatin(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

function utf16(bytes: Buffer, order: 'le' | 'be'): string {
  return new TextDecoder(order === 'le' ? 'utf-16le' : 'utf-16be').decode(bytes);
}
