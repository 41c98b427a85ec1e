import { Type } from 'typebox';
import { narrowingOf, reachOf } from '../../access/rules.ts';
import { EarshotError } from '../../base/errors.ts';
import { conflict } from '../../directory/change/conflict.ts';
import type { Account, AccountPolicy } from '../../directory/values.ts';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { guarded, named } from '../schema.ts';
import { authorOf, need, reachAccount } from './reach.ts';
import { Account as AccountSchema, AccountChange, AccountCreate, AccountList } from './schema/accounts.ts';
import { AccountParams, RevisionQuery } from './schema/shapes.ts';

export function accountRoutes(app: App, context: ApiContext): void {
  readRoutes(app, context);
  createRoute(app, context);
  changeRoute(app, context);
  deleteRoute(app, context);
}

function readRoutes(app: App, context: ApiContext): void {
  app.get(
    '/accounts',
    {
      config: { access: 'directory.read' },
      schema: {
        operationId: 'listAccounts',
        tags: ['directory'],
        summary: 'The accounts within your reach, by name, with their policy',
        response: { 200: named(AccountList), ...guarded(503) },
      },
    },
    async (request) => {
      const reach = reachOf(request.actor);
      const accounts = await context.directory.accounts({
        brandId: reach.kind === 'brand' ? reach.brandId : null,
        accountIds: reach.kind === 'brand' ? null : narrowingOf(request.actor).accountIds,
      });
      return { items: accounts.map(viewOf) };
    },
  );
  app.get(
    '/accounts/:accountId',
    {
      config: { access: 'directory.read' },
      schema: {
        operationId: 'getAccount',
        tags: ['directory'],
        summary: 'One account with its policy',
        params: AccountParams,
        response: { 200: named(AccountSchema), ...guarded(404, 503) },
      },
    },
    async (request) => viewOf(await reachAccount(context, request, request.params.accountId, 'directory.read')),
  );
}

function createRoute(app: App, context: ApiContext): void {
  app.post(
    '/accounts',
    {
      config: { access: 'brand.change' },
      schema: {
        operationId: 'createAccount',
        tags: ['directory'],
        summary: 'Make a new account; it records nothing until it is told to',
        body: AccountCreate,
        response: { 201: named(AccountSchema), ...guarded(409, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const { name, brandId = null, policy = {} } = request.body;
      await need(context, request, 'brand.change', { accountId: null, brandId }, 'make an account there');
      if (!isSame(policy.tenants, undefined)) await need(context, request, 'platform.change', { brandId }, TENANTS);
      const account = { name, brandId, policy: policy as unknown as AccountPolicy };
      return reply.code(201).send(viewOf(await context.directory.createAccount(authorOf(request), account)));
    },
  );
}

function changeRoute(app: App, context: ApiContext): void {
  app.put(
    '/accounts/:accountId',
    {
      config: { access: 'directory.change' },
      bodyLimit: 1024 * 1024,
      schema: {
        operationId: 'changeAccount',
        tags: ['directory'],
        summary: 'Change an account: its name, brand or policy',
        params: AccountParams,
        body: AccountChange,
        response: { 200: named(AccountSchema), ...guarded(404, 409, 413, 415, 503) },
      },
    },
    async (request) => {
      const { accountId } = request.params;
      const account = await reachAccount(context, request, accountId, 'directory.change');
      const { revision, name, brandId, policy } = request.body;
      const { brandId: before } = account;
      // What may be changed is judged by what was just read, so that has to be what is changed.
      if (account.revision !== revision) throw conflict(account);
      // Names are one account's on the whole platform: whoever gives one learns which are taken.
      if (name !== undefined && name.trim() !== account.name) {
        const what = 'give the account another name; its brand does';
        await need(context, request, 'brand.change', { accountId, brandId: before }, what);
      }
      if (brandId !== undefined && brandId !== before)
        await need(context, request, 'platform.change', { accountId }, 'move an account to another brand');
      if (policy !== undefined && policy.onDemand?.isAllowed !== account.policy.onDemand?.isAllowed) {
        const what = 'decide whether the account may record on demand; its brand does';
        await need(context, request, 'brand.change', { accountId, brandId: before }, what);
      }
      if (policy !== undefined && !isSame(policy.tenants, account.policy.tenants))
        await need(context, request, 'platform.change', { accountId, brandId: before }, TENANTS);
      const change = {
        ...(name === undefined ? {} : { name }),
        ...(brandId === undefined ? {} : { brandId }),
        ...(policy === undefined ? {} : { policy: policy as unknown as AccountPolicy }),
      };
      return viewOf(await context.directory.changeAccount(authorOf(request), accountId, revision, change));
    },
  );
}

/** Whoever sets them draws calls to the account, from whichever trunk. */
const TENANTS = "set by which group or tenant ids calls are known as the account's; the operator of the platform does";

/** An empty list is none. */
function isSame(a: readonly string[] = [], b: readonly string[] = []): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}

function deleteRoute(app: App, context: ApiContext): void {
  app.delete(
    '/accounts/:accountId',
    {
      config: { access: 'brand.change' },
      schema: {
        operationId: 'deleteAccount',
        tags: ['directory'],
        summary: 'Delete an account that has no recordings, calls and sign-ins any more',
        params: AccountParams,
        querystring: RevisionQuery,
        response: { 204: Type.Null({ description: 'Deleted.' }), ...guarded(404, 409, 503) },
      },
    },
    async (request, reply) => {
      const { accountId } = request.params;
      await reachAccount(context, request, accountId, 'brand.change');
      await context.directory.deleteAccount(authorOf(request), accountId, request.query.revision);
      return reply.code(204).send(null);
    },
  );
}

function viewOf(account: Account) {
  const { id, name, brandId, revision, policy, changedAt, changedBy } = account;
  return { id, name, brandId, revision, policy: policy as never, changedAt: changedAt.toISOString(), changedBy };
}

/** @throws EarshotError NOT_FOUND */
export function found<T>(value: T | undefined, what: string, key: string): T {
  if (value === undefined) throw new EarshotError('NOT_FOUND', `there is no such ${what}.`, { key });
  return value;
}
