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
    const converted: unknown = httpPart === 'body' ? value : Value.Convert(resolved, value);
    if (holdsNul(value)) return { error: [NUL_ISSUE] };
    return check.Check(converted) ? { value: converted } : { error: check.Errors(converted) };
  };
};

/** PostgreSQL cannot store U+0000 in a text, and nobody's name holds one. */
const NUL_ISSUE = {
  keyword: 'pattern',
  instancePath: '',
  schemaPath: '',
  params: {},
  message: 'holds a NUL character',
};

function holdsNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\u0000');
  return typeof value === 'object' && value !== null && Object.entries(value).some((entry) => entry.some(holdsNul));
}
