import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { openApiDocument } from './openapi.ts';
import { STATUS } from './problem.ts';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: string[];
  readonly requestBody?: object;
  readonly security?: object[];
  readonly responses: Record<string, { description?: string; content?: Record<string, unknown> }>;
}

let document: { openapi: string; paths: Record<string, Record<string, Operation>> };
let operations: { name: string; operation: Operation }[];
beforeAll(async () => {
  const { version } = JSON.parse(read('package.json')) as { version: string };
  document = (await openApiDocument(version)) as typeof document;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
  );
});

describe('the OpenAPI document', () => {
  it('in docs/ is the one of the code (else: node scripts/openapi.ts)', () => {
    expect(JSON.parse(read('docs/openapi.json'))).toEqual(JSON.parse(JSON.stringify(document)));
    expect(document.openapi).toBe('3.1.0');
  });

  it('names and explains every operation', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(operations.length);
    const isExplained = ({ summary = '', tags = [] }: Operation): boolean => summary.length > 10 && tags.length === 1;
    expect(operations.filter(({ operation }) => !isExplained(operation))).toEqual([]);
  });

  it('tells what each operation answers when it succeeds and when it fails', () => {
    const lacking = operations.flatMap(({ name, operation }) => {
      const statuses = Object.keys(operation.responses);
      const needed = neededBy(name, operation).filter((status) => !statuses.includes(status));
      return statuses.some((status) => status.startsWith('2')) ? needed.map((status) => `${name} ${status}`) : [name];
    });
    expect(lacking).toEqual([]);
  });

  it('gives every failure as a problem', () => {
    const others = operations
      .filter(({ name }) => !name.includes('/health'))
      .flatMap(({ operation }) => Object.entries(operation.responses))
      .filter(([status]) => Number(status) >= 400)
      .filter(([, { content }]) => Object.keys(content ?? {}).join(' ') !== 'application/problem+json');
    expect(others).toEqual([]);
  });
});

/** The failures that an operation must name, by what it is. */
function neededBy(name: string, operation: Operation): string[] {
  return [
    '429',
    '500',
    ...(name.includes('/health') ? [] : ['400']),
    ...(operation.security?.length === 0 ? [] : ['401', '403']),
    ...(name.includes('{id}') ? ['404'] : []),
    ...(operation.requestBody === undefined ? [] : ['413', '415']),
  ];
}

describe('docs/errors.md', () => {
  const rows = read('docs/errors.md').matchAll(/^\| `([A-Z_]+)` \| (\d{3}) \| (.+) \| (.+) \|$/gm);
  const listed = new Map([...rows].map(([, code = '', status]) => [code, Number(status)]));

  it('explains every code with its status, and no others', () => {
    expect(Object.fromEntries(listed)).toEqual(STATUS);
  });

  it('explains every code that the program throws', () => {
    const sources = readdirSync(new URL('src/', ROOT), { recursive: true, encoding: 'utf8' });
    const thrown = sources
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .flatMap((file) =>
        [...read(`src/${file}`).matchAll(/new EarshotError\(\s*'([A-Z_]+)'/g)].map(([, code = '']) => code),
      );
    expect(thrown.length).toBeGreaterThan(20);
    expect(thrown.filter((code) => !listed.has(code))).toEqual([]);
  });
});
