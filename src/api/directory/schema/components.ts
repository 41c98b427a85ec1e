import type { TSchema } from 'typebox';
import { accountComponents } from './accounts.ts';
import { importComponents } from './imports.ts';
import { overviewComponents } from './overview.ts';
import { platformComponents } from './platform.ts';
import { shapeComponents } from './shapes.ts';
import { valueComponents } from './values.ts';

export const directoryComponents: readonly (TSchema & { $id: string })[] = [
  ...shapeComponents,
  ...accountComponents,
  ...valueComponents,
  ...overviewComponents,
  ...importComponents,
  ...platformComponents,
];
