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
    for (const { name, operation } of operations) {
      expect(operation.operationId, name).toBeTruthy();
      expect(operation.summary?.length, name).toBeGreaterThan(10);
      expect(operation.tags, name).toHaveLength(1);
    }
  });

  it('tells what each operation answers when it succeeds and when it fails', () => {
    for (const { name, operation } of operations) {
      const statuses = Object.keys(operation.responses);
      expect(
        statuses.some((status) => status.startsWith('2')),
        name,
      ).toBe(true);
      const needed = ['500', '429', ...(name.includes('/health') ? [] : ['400'])];
      if (operation.security?.length !== 0) needed.push('401', '403');
      if (name.includes('{id}')) needed.push('404');
      if (operation.requestBody !== undefined) needed.push('413', '415');
      expect(statuses, name).toEqual(expect.arrayContaining(needed));
      for (const [status, { content, description }] of Object.entries(operation.responses)) {
        expect(description, `${name} ${status}`).toBeTruthy();
        if (Number(status) < 400 || name.includes('/health')) continue;
        expect(Object.keys(content ?? {}), `${name} ${status}`).toEqual(['application/problem+json']);
      }
    }
  });
});

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
    for (const code of thrown) expect(listed.has(code), code).toBe(true);
  });
});
