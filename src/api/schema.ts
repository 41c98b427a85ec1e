import { Type, type Static, type TSchema, type TUnsafe } from 'typebox';
import type { JsonValue } from '../base/json.ts';

/**
 * Shapes that every noun of the API uses: ids, times, pages, problems. A schema with an `$id` becomes a named component of the
 * OpenAPI document; use it in others by {@link named}.
 */

/** A reference to a component that keeps its TypeScript type. */
export function named<T extends TSchema & { $id: string }>(schema: T): TUnsafe<Static<T>> {
  return Type.Unsafe<Static<T>>({ $ref: `${schema.$id}#` });
}

/** Gives a schema its component name. */
export function component<T extends TSchema>(id: string, schema: T): T & { $id: string } {
  return { ...schema, $id: id };
}

export function nullable<T extends TSchema>(schema: T): TUnsafe<Static<T> | null> {
  return Type.Unsafe<Static<T> | null>({ anyOf: [schema, { type: 'null' }] });
}

export const Id = Type.String({
  pattern: '^[0-9abcdefghjkmnpqrstvwxyz]{26}$',
  description: 'An opaque id: 26 lower-case letters and digits.',
});

export const Time = Type.String({ format: 'date-time', description: 'RFC 3339, e.g. 2026-11-20T09:30:00.000Z' });

export const IdParams = Type.Object({ id: Id });

export const Cursor = Type.String({
  minLength: 1,
  maxLength: 500,
  description: 'The `next` of the page before. Opaque; valid with the same filters only.',
});

export const Limit = Type.Integer({ minimum: 1, maximum: 200, default: 50, description: 'Items a page.' });

/** A page of a list: the items and the cursor of the next page, null at the end. */
export function pageOf<T extends TSchema & { $id: string }>(id: string, item: T) {
  return component(
    id,
    Type.Object({
      items: Type.Array(named(item)),
      next: Type.Unsafe<string | null>({
        anyOf: [{ type: 'string' }, { type: 'null' }],
        description: 'Give it as `cursor` to get the next page; null: this is the last one.',
      }),
    }),
  );
}

/** RFC 9457. */
export const Problem = component(
  'Problem',
  Type.Object(
    {
      type: Type.String({ description: 'urn:earshot:problem:<code>' }),
      title: Type.String(),
      status: Type.Integer(),
      code: Type.String({ description: 'Stable; see docs/errors.md.' }),
      detail: Type.String({ description: 'What happened, one line for people.' }),
      key: Type.Optional(Type.String({ description: 'The parameter, field or setting that is meant.' })),
      remedy: Type.Optional(Type.String({ description: 'What to do about it.' })),
      current: Type.Optional(
        Type.Unsafe<JsonValue>({ description: 'With CONFLICT: what is there now, and who changed it when.' }),
      ),
      requestId: Type.String({ description: 'The same id stands in the server log.' }),
    },
    { description: 'An error, as application/problem+json (RFC 9457).' },
  ),
);
export type Problem = Static<typeof Problem>;

const PROBLEM_TEXT: Readonly<Record<number, string>> = {
  400: 'The request is not valid; `key` names the part.',
  401: 'Not signed in.',
  403: 'Signed in, but not allowed.',
  404: 'Nothing is there, or not for you.',
  409: 'Does not go with what is stored.',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
  416: 'The range lies outside of the audio.',
  429: 'Too many requests; wait as long as Retry-After says.',
  500: 'A defect; the server log tells more under `requestId`.',
  503: 'A part that is needed is away.',
};

interface ProblemResponse {
  description: string;
  content: { 'application/problem+json': { schema: TUnsafe<Problem> } };
}

/** The error responses of a route; 400, 429 and 500 can always happen. */
export function problems(...statuses: number[]): Record<number, ProblemResponse> {
  const responses: Record<number, ProblemResponse> = {};
  for (const status of [400, ...statuses, 429, 500]) {
    responses[status] = {
      description: PROBLEM_TEXT[status] ?? 'An error.',
      content: { 'application/problem+json': { schema: named(Problem) } },
    };
  }
  return responses;
}

/** The error responses of a route that needs rights. */
export function guarded(...statuses: number[]): Record<number, ProblemResponse> {
  return problems(401, 403, ...statuses);
}

/** A response that is not JSON, for the document. */
export function bytesOf(description: string, ...types: string[]) {
  const content: Record<string, { schema: TUnsafe }> = {};
  for (const type of types) content[type] = { schema: Type.Unsafe<unknown>({ type: 'string', format: 'binary' }) };
  return { description, content };
}
