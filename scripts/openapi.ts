import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { openApiDocument } from '../src/api/openapi.ts';

/** Writes docs/openapi.json from the routes of the API. No database or server is needed. */
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const text = await format(JSON.stringify(await openApiDocument(version)), { parser: 'json', printWidth: 120 });
writeFileSync(new URL('../docs/openapi.json', import.meta.url), text);
console.log('docs/openapi.json written');
