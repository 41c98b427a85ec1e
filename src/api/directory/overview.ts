import type { FastifyRequest } from 'fastify';
import { may, reachOf } from '../../access/rules.ts';
import type { Matrix, OwnSwitches } from '../../directory/port.ts';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { guarded, named } from '../schema.ts';
import { found } from './accounts.ts';
import { authorOf, need, reachAccount } from './reach.ts';
import {
  HistoryPage,
  HistoryQuery,
  Matrix as MatrixSchema,
  MatrixQuery,
  Own,
  OwnChange,
  Undone,
  UndoParams,
} from './schema/overview.ts';
import { AccountParams, EntryParams } from './schema/shapes.ts';

const PAGE = 50;

export function overviewRoutes(app: App, context: ApiContext): void {
  matrixRoute(app, context);
  ownRoute(app, context);
  historyRoute(app, context);
  undoRoute(app, context);
}

function matrixRoute(app: App, context: ApiContext): void {
  app.get(
    '/accounts/:accountId/matrix',
    {
      config: { access: 'signed-in' },
      schema: {
        operationId: 'getMatrix',
        tags: ['directory'],
        summary: 'Users and devices with the switches set for them and what holds; users see their own',
        params: AccountParams,
        querystring: MatrixQuery,
        response: { 200: named(MatrixSchema), ...guarded(404, 503) },
      },
    },
    async (request) => {
      const { accountId } = request.params;
      const userId = await matrixOf(context, request, accountId);
      const { q, cursor, limit = PAGE } = request.query;
      const filters = { accountId, q };
      const after = cursor === undefined ? undefined : (readCursor(cursor, filters).map(String) as [string, string]);
      const matrix = await context.directory.matrix(accountId, {
        limit,
        ...(q === undefined ? {} : { q }),
        ...(after === undefined ? {} : { after }),
        ...(userId === null ? {} : { userId }),
      });
      return viewOf(matrix, matrix.next === null ? null : writeCursor(matrix.next, filters));
    },
  );
}

/** Whose part of the matrix the caller sees; null: all of it. */
async function matrixOf(context: ApiContext, request: FastifyRequest, accountId: string): Promise<string | null> {
  const reach = reachOf(request.actor);
  if (reach.kind === 'user' && may(request.actor, 'own.change')) {
    await reachAccount(context, request, accountId, 'own.change', { userIds: [reach.userId] });
    return reach.userId;
  }
  await need(context, request, 'directory.read', {}, 'read the directory (directory.read)');
  await reachAccount(context, request, accountId, 'directory.read');
  return null;
}

function viewOf({ account, items }: Matrix, next: string | null) {
  return {
    account: { ...account },
    items: items.map(({ user, devices }) => ({
      user: user === null ? null : { ...user, extensions: [...user.extensions] },
      devices: devices.map((device) => ({ ...device })),
    })),
    next,
  };
}

function ownRoute(app: App, context: ApiContext): void {
  app.put(
    '/accounts/:accountId/own/:id',
    {
      config: { access: 'own.change' },
      schema: {
        operationId: 'setOwnSwitches',
        tags: ['directory'],
        summary: 'Set the own switches of a user, or of one of his devices',
        params: EntryParams,
        body: OwnChange,
        response: { 200: named(Own), ...guarded(404, 409, 413, 415, 503) },
      },
    },
    async (request): Promise<OwnSwitches> => {
      const { accountId, id } = request.params;
      const owner = await context.directory.ownerOf(accountId, id);
      const userIds = owner === undefined || owner.userId === null ? [] : [owner.userId];
      await reachAccount(context, request, accountId, 'own.change', { userIds });
      found(owner, 'user or device', 'id');
      return context.directory.setOwn(authorOf(request), accountId, id, request.body.own);
    },
  );
}

function historyRoute(app: App, context: ApiContext): void {
  app.get(
    '/accounts/:accountId/history',
    {
      config: { access: 'directory.read' },
      schema: {
        operationId: 'listHistory',
        tags: ['directory'],
        summary: 'Changes of the account and its entries, newest first',
        params: AccountParams,
        querystring: HistoryQuery,
        response: { 200: named(HistoryPage), ...guarded(404, 503) },
      },
    },
    async (request) => {
      const { accountId } = request.params;
      await reachAccount(context, request, accountId, 'directory.read');
      const { entryId, cursor, limit = PAGE } = request.query;
      const filters = { accountId, entryId };
      const page = await context.directory.history(accountId, {
        limit,
        ...(entryId === undefined ? {} : { entryId }),
        ...(cursor === undefined ? {} : { before: Number(readCursor(cursor, filters)[0]) }),
      });
      const last = page.items.at(-1);
      return {
        items: page.items.map(({ seq: _seq, at, others, ...item }) => ({
          ...item,
          at: at.toISOString(),
          others: others.map((other) => ({ ...other })),
        })),
        next: page.more && last !== undefined ? writeCursor([last.seq], filters) : null,
      };
    },
  );
}

function undoRoute(app: App, context: ApiContext): void {
  app.post(
    '/accounts/:accountId/history/:changeId/undo',
    {
      config: { access: 'directory.change' },
      schema: {
        operationId: 'undoChange',
        tags: ['directory'],
        summary: 'Take a change back, unless something newer stands in the way',
        params: UndoParams,
        response: { 200: named(Undone), ...guarded(404, 409, 503) },
      },
    },
    async (request) => {
      const { accountId, changeId } = request.params;
      const account = await reachAccount(context, request, accountId, 'directory.change');
      const needs = await context.directory.undoNeeds(accountId, changeId);
      if (needs.isBrands) {
        const subject = { accountId, brandId: account.brandId };
        await need(context, request, 'brand.change', subject, 'take back what the brand decided');
      }
      if (needs.isPlatforms) {
        await need(context, request, 'platform.change', { accountId }, 'take back what the operator decided');
      }
      return { changeId: await context.directory.undo(authorOf(request), accountId, changeId) };
    },
  );
}
