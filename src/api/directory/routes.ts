import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { accountRoutes } from './accounts.ts';
import { brandRoutes } from './brands.ts';
import { entryRoutes } from './entries.ts';
import { importRoutes } from './imports.ts';
import { overviewRoutes } from './overview.ts';
import { platformRoutes } from './platform.ts';

/** Brands, accounts and what is in them, trunks and settings of the platform. */
export function directoryRoutes(app: App, context: ApiContext): void {
  brandRoutes(app, context);
  accountRoutes(app, context);
  entryRoutes(app, context);
  overviewRoutes(app, context);
  importRoutes(app, context);
  platformRoutes(app, context);
}
