import { auditRoutes } from './audit/routes.ts';
import type { App } from './app.ts';
import { controlRoutes } from './calls/control/routes.ts';
import { journalRoutes } from './calls/journal/routes.ts';
import { callRoutes } from './calls/routes.ts';
import type { ApiContext } from './context.ts';
import { directoryRoutes } from './directory/routes.ts';
import type { EventHub } from './events/hub.ts';
import { eventRoutes } from './events/routes.ts';
import { explainRoutes } from './explain/routes.ts';
import { invitationRoutes } from './people/invitation.ts';
import { peopleRoutes } from './people/routes.ts';
import { phoneRangeRoutes } from './phone/ranges.ts';
import { audioRoutes } from './recordings/audio-routes.ts';
import { recordingRoutes } from './recordings/routes.ts';
import { sessionRoutes } from './session/routes.ts';
import { settingsRoutes } from './settings/routes.ts';
import { setupRoutes } from './setup/routes.ts';
import { statusRoutes } from './status/routes.ts';
import { tokenRoutes } from './tokens/routes.ts';

/** All routes under /api/v1, in the order of the document. */
export function apiRoutes(app: App, context: ApiContext, hub: EventHub): void {
  setupRoutes(app, context);
  sessionRoutes(app, context);
  tokenRoutes(app, context);
  peopleRoutes(app, context);
  invitationRoutes(app, context);
  recordingRoutes(app, context);
  audioRoutes(app, context);
  callRoutes(app, context);
  controlRoutes(app, context);
  journalRoutes(app, context);
  explainRoutes(app, context);
  eventRoutes(app, context, hub);
  directoryRoutes(app, context);
  phoneRangeRoutes(app, context);
  settingsRoutes(app, context);
  statusRoutes(app, context);
  auditRoutes(app, context);
}
