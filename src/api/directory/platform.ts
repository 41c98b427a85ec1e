import { Type } from 'typebox';
import type { PlatformValues, Trunk } from '../../directory/port.ts';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { guarded, named } from '../schema.ts';
import { found } from './accounts.ts';
import { authorOf } from './reach.ts';
import {
  PlatformChange,
  PlatformSettings,
  Trunk as TrunkSchema,
  TrunkChange,
  TrunkCreate,
  TrunkList,
  TrunkParams,
} from './schema/platform.ts';
import { RevisionQuery } from './schema/shapes.ts';

export function platformRoutes(app: App, context: ApiContext): void {
  trunkReadRoutes(app, context);
  trunkChangeRoutes(app, context);
  settingsRoutes(app, context);
}

function trunkReadRoutes(app: App, context: ApiContext): void {
  app.get(
    '/trunks',
    {
      config: { access: 'platform.change' },
      schema: {
        operationId: 'listTrunks',
        tags: ['directory'],
        summary: 'All trunks: those of earshot.yaml, and those made here',
        response: { 200: named(TrunkList), ...guarded(503) },
      },
    },
    async () => ({ items: (await context.directory.trunks()).map(viewOf) }),
  );
  app.get(
    '/trunks/:name',
    {
      config: { access: 'platform.change' },
      schema: {
        operationId: 'getTrunk',
        tags: ['directory'],
        summary: 'One trunk with its revision; passwords are never shown',
        params: TrunkParams,
        response: { 200: named(TrunkSchema), ...guarded(404, 503) },
      },
    },
    async (request) => {
      const trunks = await context.directory.trunks();
      return viewOf(
        found(
          trunks.find(({ name }) => name === request.params.name),
          'trunk',
          'name',
        ),
      );
    },
  );
}

function trunkChangeRoutes(app: App, context: ApiContext): void {
  app.post(
    '/trunks',
    {
      config: { access: 'platform.change' },
      schema: {
        operationId: 'createTrunk',
        tags: ['directory'],
        summary: 'Make a new trunk; calls are taken from it within a second',
        body: TrunkCreate,
        response: { 201: named(TrunkSchema), ...guarded(409, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const { name, value } = request.body;
      return reply.code(201).send(viewOf(await context.directory.createTrunk(authorOf(request), name, value)));
    },
  );
  app.put(
    '/trunks/:name',
    {
      config: { access: 'platform.change' },
      schema: {
        operationId: 'changeTrunk',
        tags: ['directory'],
        summary: 'Replace what is set for a trunk',
        params: TrunkParams,
        body: TrunkChange,
        response: { 200: named(TrunkSchema), ...guarded(404, 409, 413, 415, 503) },
      },
    },
    async (request) => {
      const { revision, value } = request.body;
      const author = authorOf(request);
      return viewOf(await context.directory.changeTrunk(author, request.params.name, revision, value));
    },
  );
  app.delete(
    '/trunks/:name',
    {
      config: { access: 'platform.change' },
      schema: {
        operationId: 'deleteTrunk',
        tags: ['directory'],
        summary: 'Delete a trunk; no new calls are taken from it',
        params: TrunkParams,
        querystring: RevisionQuery,
        response: { 204: Type.Null({ description: 'Deleted.' }), ...guarded(404, 409, 503) },
      },
    },
    async (request, reply) => {
      await context.directory.deleteTrunk(authorOf(request), request.params.name, request.query.revision);
      return reply.code(204).send(null);
    },
  );
}

function settingsRoutes(app: App, context: ApiContext): void {
  app.get(
    '/platform',
    {
      config: { access: 'platform.change' },
      schema: {
        operationId: 'getPlatform',
        tags: ['directory'],
        summary: 'Settings of the whole platform',
        response: { 200: named(PlatformSettings), ...guarded(503) },
      },
    },
    async () => (await context.directory.platform()) as never,
  );
  app.put(
    '/platform',
    {
      config: { access: 'platform.change' },
      schema: {
        operationId: 'changePlatform',
        tags: ['directory'],
        summary: 'Replace the settings of the whole platform',
        body: PlatformChange,
        response: { 200: named(PlatformSettings), ...guarded(404, 409, 413, 415, 503) },
      },
    },
    async (request) =>
      (await context.directory.changePlatform(authorOf(request), request.body as PlatformValues)) as never,
  );
}

function viewOf(trunk: Trunk) {
  const { name, revision, value, isFromFile, changedAt, changedBy } = trunk;
  return {
    name,
    revision,
    value: value as never,
    isFromFile,
    changedAt: changedAt?.toISOString() ?? null,
    changedBy,
  };
}
