import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * The walls between the rooms (ARCHITECTURE.md). A room imports only from the rooms in its row; `(types)` in a row means that only
 * `import type` may cross. Everything is checked, type-only imports and tests included.
 */
const ROOMS: Readonly<Record<string, string>> = {
  base: '',
  sip: 'base',
  sdp: 'base',
  rtp: 'base',
  audio: 'base',
  seal: 'base',
  policy: 'base',
  link: 'base policy(types)',
  intake: 'base sip sdp rtp audio policy(types)',
  recording: 'base rtp audio seal policy link intake(types)',
  vault: 'base seal',
  catalogue: 'base',
  directory: 'base catalogue policy link',
  archive: 'base audio seal vault catalogue link policy(types) recording/log recording/journal',
  delivery: 'base catalogue vault audio',
  upkeep: 'base catalogue vault audio',
  access: 'base catalogue',
  api: 'base access audio catalogue directory vault policy link archive delivery upkeep',
  supervisor: 'base catalogue vault',
  cli: '*',
  roles: '*',
  main: '*',
};

interface Import {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

const root = new URL('..', import.meta.url).pathname;

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sources(path) : path.endsWith('.ts') ? [path] : [];
  });
}

function roomOf(path: string): string {
  const [room = ''] = relative(join(root, 'src'), path).split('/');
  return room.replace(/\.ts$/, '');
}

const IMPORT =
  /^\s*(import|export)\s+(type\s)?[^'"]*?from\s+['"](\.[^'"]+)['"]|import\(\s*['"](\.[^'"]+)['"]\s*\)|^\s*import\s+['"](\.[^'"]+)['"]/gm;

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(IMPORT)].map((match) => {
    const target = normalize(join(dirname(file), (match[3] ?? match[4] ?? match[5])!));
    return {
      file: relative(root, file),
      from: roomOf(file),
      to: roomOf(target),
      target: relative(join(root, 'src'), target),
      typeOnly: match[2] !== undefined,
    };
  });
}

function allowed(crossing: Import): boolean {
  const row = ROOMS[crossing.from];
  if (row === undefined) return false;
  if (row === '*' || crossing.from === crossing.to) return true;
  return row.split(' ').some((entry) => {
    if (entry.endsWith('(types)')) return crossing.typeOnly && entry === `${crossing.to}(types)`;
    return entry.includes('/') ? crossing.target.startsWith(`${entry}/`) : entry === crossing.to;
  });
}

describe('walls between the rooms', () => {
  const imports = sources(join(root, 'src')).flatMap(importsOf);

  it('sees the imports at all', () => {
    expect(imports.length).toBeGreaterThan(20);
    expect(imports.some((crossing) => crossing.from === 'recording' && crossing.to === 'link')).toBe(true);
  });

  it('every room imports only what its row allows', () => {
    const broken = imports
      .filter((crossing) => !allowed(crossing))
      .map(({ file, target }) => `${file} imports ${target}`);
    expect(broken).toEqual([]);
  });

  it('nothing of the web client is imported by the server', () => {
    expect(imports.filter((crossing) => crossing.target.includes('web/'))).toEqual([]);
  });
});
