/**
 * Avaya's universal call id in one form, 16 hexadecimal digits, whatever form it was sent in: 20 decimal digits (node, sequence,
 * time), 16 hexadecimal ones, or the octets of a user-to-user information element (`00FA08…`, `FA08…`, `C808…`), with or
 * without `;encoding=hex`. Undefined when there is none in the text.
 */
export function readUcid(text: string): string | undefined {
  const value = text.split(';', 1)[0]!.trim().toUpperCase();
  const element = /^(?:0[0-9A-F])?(?:[0-9A-F]{2})*?(?:FA|C8)08([0-9A-F]{16})/.exec(value)?.[1];
  if (element !== undefined) return element;
  if (/^\d{20}$/.test(value)) {
    const parts = [value.slice(0, 5), value.slice(5, 10), value.slice(10)].map(Number);
    const [node = 0, sequence = 0, time = 0] = parts;
    return hex(node, 4) + hex(sequence, 4) + hex(time, 8);
  }
  return /^[0-9A-F]{16}$/.test(value) ? value : undefined;
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

/** Cisco's GUID in one form, 32 lower-case hexadecimal digits, from that, from a UUID, or from four decimal words (`Cisco-Guid`). */
export function readGuid(text: string): string | undefined {
  const value = text.trim().toLowerCase();
  const words = /^(\d{1,10})-(\d{1,10})-(\d{1,10})-(\d{1,10})$/.exec(value)?.slice(1).map(Number);
  if (words !== undefined && words.every((word) => word <= 0xffff_ffff)) {
    return words.map((word) => word.toString(16).padStart(8, '0')).join('');
  }
  const plain = value.replaceAll('-', '');
  return /^[0-9a-f]{32}$/.test(plain) && !/^0+$/.test(plain) ? plain : undefined;
}
