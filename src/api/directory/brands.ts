import { Type } from 'typebox';
import { may, reachOf } from '../../access/rules.ts';
import type { Brand } from '../../directory/values.ts';
import type { App } from '../app.ts';
import { auditOf } from '../audit/write.ts';
import type { ApiContext } from '../context.ts';
import { guarded, named } from '../schema.ts';
import { found } from './accounts.ts';
import { authorOf } from './reach.ts';
import { Brand as BrandSchema, BrandChange, BrandCreate, BrandList } from './schema/accounts.ts';
import { EntryId, RevisionQuery } from './schema/shapes.ts';

const Params = Type.Object({ id: EntryId });

export function brandRoutes(app: App, context: ApiContext): void {
  readRoutes(app, context);
  app.post(
    '/brands',
    {
      config: { access: 'platform.change' },
      schema: {
        operationId: 'createBrand',
        tags: ['directory'],
        summary: 'Make a new brand, which accounts can belong to',
        body: BrandCreate,
        response: { 201: named(BrandSchema), ...guarded(409, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const brand = await context.directory.createBrand(authorOf(request), request.body.name);
      return reply.code(201).send(viewOf(brand));
    },
  );
  app.put(
    '/brands/:id',
    {
      config: { access: 'platform.change' },
      schema: {
        operationId: 'changeBrand',
        tags: ['directory'],
        summary: 'Give a brand another name',
        params: Params,
        body: BrandChange,
        response: { 200: named(BrandSchema), ...guarded(404, 409, 413, 415, 503) },
      },
    },
    async (request) => {
      const { revision, name } = request.body;
      return viewOf(await context.directory.changeBrand(authorOf(request), request.params.id, revision, name));
    },
  );
  app.delete(
    '/brands/:id',
    {
      config: { access: 'platform.change' },
      schema: {
        operationId: 'deleteBrand',
        tags: ['directory'],
        summary: 'Delete a brand that has no accounts',
        params: Params,
        querystring: RevisionQuery,
        response: { 204: Type.Null({ description: 'Deleted.' }), ...guarded(404, 409, 503) },
      },
    },
    async (request, reply) => {
      await context.directory.deleteBrand(authorOf(request), request.params.id, request.query.revision);
      return reply.code(204).send(null);
    },
  );
}

function readRoutes(app: App, context: ApiContext): void {
  app.get(
    '/brands',
    {
      config: { access: 'brand.change' },
      schema: {
        operationId: 'listBrands',
        tags: ['directory'],
        summary: 'The brands within your reach, by name',
        response: { 200: named(BrandList), ...guarded(503) },
      },
    },
    async (request) => {
      const reach = reachOf(request.actor);
      const brands = await context.directory.brands();
      const mine = brands.filter(
        ({ id }) => reach.kind === 'platform' || (reach.kind === 'brand' && reach.brandId === id),
      );
      return { items: mine.map(viewOf) };
    },
  );
  app.get(
    '/brands/:id',
    {
      config: { access: 'brand.change' },
      schema: {
        operationId: 'getBrand',
        tags: ['directory'],
        summary: 'One brand with its revision',
        params: Params,
        response: { 200: named(BrandSchema), ...guarded(404, 503) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const brand = await context.directory.brand(id);
      const isWithinReach = may(request.actor, 'brand.change', { accountId: null, brandId: id });
      // Out of reach looks the same as not there, in the audit log as well.
      if (!isWithinReach) await auditOf(context, request, 'brand.change', 'refused', id);
      return viewOf(found(isWithinReach ? brand : undefined, 'brand', 'id'));
    },
  );
}

function viewOf(brand: Brand) {
  return { ...brand, changedAt: brand.changedAt.toISOString() };
}
