import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../../../test/fixtures/siprec/', import.meta.url);

/** One request of a fixture, as it travels. */
export interface FixtureMessage {
  /** `INVITE`, `re-INVITE`, `UPDATE` … */
  readonly name: string;
  readonly bytes: Buffer;
  /** The metadata in it, cut out by the fixture's own line structure; null when there is none. */
  readonly metadata: Buffer | null;
}

/** The recorded clients of `test/fixtures/siprec`, for tests. */
export function fixtureNames(): string[] {
  return readdirSync(FOLDER).flatMap((name) => (name.endsWith('.txt') ? [name.slice(0, -4)] : []));
}

export function readFixture(client: string): FixtureMessage[] {
  const text = readFileSync(new URL(`${client}.txt`, FOLDER), 'utf8');
  return text
    .split(/^=== /m)
    .filter((piece) => piece !== '')
    .map((piece) => {
      const lineEnd = piece.indexOf('\n');
      return toMessage(piece.slice(0, lineEnd), piece.slice(lineEnd + 1));
    });
}

function toMessage(name: string, text: string): FixtureMessage {
  const gap = text.indexOf('\n\n');
  const body = Buffer.from(text.slice(gap + 2).replaceAll('\n', '\r\n'));
  const head = text
    .slice(0, gap + 2)
    .replaceAll('\n', '\r\n')
    .replace('Content-Length: *', `Content-Length: ${body.length}`);
  return { name, bytes: Buffer.concat([Buffer.from(head), body]), metadata: metadataOf(body.toString('utf8')) };
}

function metadataOf(body: string): Buffer | null {
  const end = /<\/(?:\w+:)?recording(?:_metadata)?>(?=\r\n(?:--|$))/.exec(body);
  if (end === null) return null;
  const from = body.lastIndexOf('<?xml', end.index);
  // Alone in the body, or in a part that no boundary closes, it goes on to the end.
  const whole = !body.slice(end.index).includes('\r\n--');
  return Buffer.from(body.slice(from, whole ? body.length : end.index + end[0].length));
}
