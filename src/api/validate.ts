import { registerAjvFormats } from '@fastify/type-provider-typebox';
import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Value } from 'typebox/value';
import { withComponents } from './components.ts';

registerAjvFormats();

/**
 * Checks what comes in. Texts of the path, the query and the headers become numbers where the schema says so; a JSON body is taken
 * as it is, since there `"5"` is not 5.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const resolved = withComponents(schema);
  const check = Compile(resolved);
  return (value: unknown) => {
    const stranger = strangeIn(value, 0);
    if (stranger !== null) return { error: [{ ...ISSUE, message: stranger }] };
    const converted: unknown = httpPart === 'body' ? value : Value.Convert(resolved, value);
    return check.Check(converted) ? { value: converted } : { error: check.Errors(converted) };
  };
};

const ISSUE = { keyword: 'pattern', instancePath: '', schemaPath: '', params: {} };

/** Nothing of ours lies deeper than a dozen; walking deeper ones to their end would exhaust the stack. */
const DEEPEST = 64;

/** What no schema has to tell of a value, in words; null: nothing. PostgreSQL cannot store U+0000 in a text, and nobody's name holds one. */
function strangeIn(value: unknown, depth: number): string | null {
  if (typeof value === 'string') return value.includes('\u0000') ? 'holds a NUL character' : null;
  if (typeof value !== 'object' || value === null) return null;
  if (depth >= DEEPEST) return 'is nested too deeply';
  for (const [key, inner] of Object.entries(value)) {
    const stranger = strangeIn(key, depth) ?? strangeIn(inner, depth + 1);
    if (stranger !== null) return stranger;
  }
  return null;
}
