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
