import type { RecordingRow } from '../context.ts';

/** `2026-11-20_093000_1001_1002_42`: start (UTC), parties, RecordID; sorts by time and needs no unpacking of ids. */
export function baseNameOf(recording: RecordingRow): string {
  const start = recording.startedAt.toISOString().slice(0, 19).replace('T', '_').replaceAll(':', '');
  const parties = recording.parties.slice(0, 2).map((party) => party.number ?? party.name ?? 'unknown');
  return [start, ...parties.map(tidy), recording.recordId].join('_');
}

/** What file systems and shells take without trouble; letters of all languages stay. */
function tidy(part: string): string {
  const plain = part.normalize('NFC').replaceAll(/[^\p{L}\p{N}+@.-]+/gu, '-');
  return plain.replaceAll(/^[-.]+|[-.]+$/g, '').slice(0, 60) || 'unknown';
}

/** Content-Disposition by RFC 6266: a plain name for old clients, the exact one beside it where they differ. */
export function dispositionOf(kind: 'inline' | 'attachment', name: string): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/[^\x20-\x7e]/g, '')
    .replaceAll(/["\\%]/g, '_');
  const exact = encodeURIComponent(name).replaceAll(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return plain === name ? `${kind}; filename="${plain}"` : `${kind}; filename="${plain}"; filename*=UTF-8''${exact}`;
}
