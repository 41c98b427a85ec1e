import type { TSchema } from 'typebox';
import { auditComponents } from './audit/schema.ts';
import { controlComponents } from './calls/control/schema.ts';
import { journalComponents } from './calls/journal/schema.ts';
import { callComponents } from './calls/schema.ts';
import { directoryComponents } from './directory/schema/components.ts';
import { eventComponents } from './events/schema.ts';
import { explainComponents } from './explain/schema.ts';
import { peopleComponents } from './people/schema.ts';
import { phoneComponents } from './phone/schema.ts';
import { recordingComponents } from './recordings/schema.ts';
import { Problem } from './schema.ts';
import { sessionComponents } from './session/schema.ts';
import { settingsComponents } from './settings/schema.ts';
import { setupComponents } from './setup/schema.ts';
import { statusComponents } from './status/schema.ts';
import { tokenComponents } from './tokens/schema.ts';

/** Every named component of the document, in its order. */
export const components: readonly (TSchema & { $id: string })[] = [
  Problem,
  ...setupComponents,
  ...sessionComponents,
  ...tokenComponents,
  ...peopleComponents,
  ...recordingComponents,
  ...callComponents,
  ...controlComponents,
  ...journalComponents,
  ...explainComponents,
  ...eventComponents,
  ...directoryComponents,
  ...phoneComponents,
  ...settingsComponents,
  ...statusComponents,
  ...auditComponents,
];

const byReference = new Map(components.map((one) => [`${one.$id}#`, one]));

/** The schema with every component that it names in its place: what checks and what writes JSON need no others then. */
export function withComponents<T>(schema: T): T {
  return inlined(schema) as T;
}

function inlined(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(inlined);
  if (typeof part !== 'object' || part === null) return part;
  const component = '$ref' in part ? byReference.get(String(part.$ref)) : undefined;
  if (component !== undefined) {
    const { $id: _id, ...schema } = component;
    return inlined(schema);
  }
  // TypeBox keeps what it knows of a schema in properties that are not enumerable.
  const copy: object = {};
  for (const key of Reflect.ownKeys(part)) {
    const own = Object.getOwnPropertyDescriptor(part, key)!;
    Object.defineProperty(copy, key, 'value' in own ? { ...own, value: inlined(own.value) } : own);
  }
  return copy;
}
