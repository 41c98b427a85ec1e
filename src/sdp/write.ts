import type { Attribute, Connection, Line, Origin, SessionDescription } from './description.ts';

/** The description on the wire, lines in the order of RFC 8866 §5, CRLF after each. */
export function writeSdp(description: SessionDescription): string {
  const lines = [`v=${description.version}`];
  if (description.origin !== null) lines.push(`o=${origin(description.origin)}`);
  lines.push(`s=${description.name === '' ? '-' : description.name}`);
  part(lines, description, () => {
    const times = description.times.length === 0 ? ['0 0'] : description.times;
    lines.push(...times.map((time) => `t=${time}`));
  });
  for (const media of description.media) {
    const ports = media.portCount > 1 ? `${media.port}/${media.portCount}` : String(media.port);
    lines.push(`m=${[media.kind, ports, media.profile, ...media.formats].join(' ')}`);
    part(lines, media, () => undefined);
  }
  // No value may begin a line of its own.
  return lines.map((line) => `${line.replaceAll(/[\r\n]+/g, ' ')}\r\n`).join('');
}

interface Part {
  readonly connection: Connection | null;
  readonly attributes: readonly Attribute[];
  readonly other: readonly Line[];
}

/** Lines that stand before c= (i u e p), c=, then bandwidth, times, the others, attributes last. */
function part(lines: string[], { connection, attributes, other }: Part, times: () => void): void {
  const early = other.filter((line) => 'iuep'.includes(line.type));
  const bandwidth = other.filter((line) => line.type === 'b');
  const late = other.filter((line) => !'iuepb'.includes(line.type));
  lines.push(...early.map(text));
  if (connection !== null) lines.push(`c=${address(connection)}`);
  lines.push(...bandwidth.map(text));
  times();
  lines.push(...late.map(text));
  lines.push(...attributes.map(({ name, value }) => (value === null ? `a=${name}` : `a=${name}:${value}`)));
}

function text(line: Line): string {
  return `${line.type}=${line.value}`;
}

function origin({ username, id, version, ...connection }: Origin): string {
  const name = username.replaceAll(/\s+/g, '_');
  return `${name === '' ? '-' : name} ${id} ${version} ${address(connection)}`;
}

/** `IN IP4 address`. */
function address({ family, address: host }: Connection): string {
  return `IN IP${family} ${host}`;
}
