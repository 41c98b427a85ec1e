import { registerAjvFormats } from '@fastify/type-provider-typebox';
import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Value } from 'typebox/value';
import { components } from './components.ts';

registerAjvFormats();

/**
 * Checks what comes in. Texts of the path, the query and the headers become numbers where the schema says so; a JSON body is taken
 * as it is, since there `"5"` is not 5.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const resolved = resolve(schema);
  const check = Compile(resolved);
  return (value: unknown) => {
    const converted: unknown = httpPart === 'body' ? value : Value.Convert(resolved, value);
    if (holdsNul(value)) return { error: [NUL_ISSUE] };
    return check.Check(converted) ? { value: converted } : { error: check.Errors(converted) };
  };
};

/** The schema with every component in its place; the checker knows no references. */
function resolve(schema: TSchema): TSchema {
  return inlined(schema) as TSchema;
}

function inlined(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(inlined);
  if (typeof part !== 'object' || part === null) return part;
  const ref = '$ref' in part ? part.$ref : undefined;
  const component = components.find(({ $id }) => `${$id}#` === ref);
  if (component !== undefined) {
    const { $id: _id, ...schema } = component;
    return inlined(schema);
  }
  const copy: object = Object.create(Object.getPrototypeOf(part), {});
  for (const key of Reflect.ownKeys(part)) {
    const own = Object.getOwnPropertyDescriptor(part, key)!;
    Object.defineProperty(copy, key, 'value' in own ? { ...own, value: inlined(own.value) } : own);
  }
  return copy;
}

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
