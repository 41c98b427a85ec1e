import { Type } from 'typebox';
import { EarshotError } from '../../base/errors.ts';
import type { Changed } from '../../directory/port.ts';
import { type Entry, type Kind, KINDS, type Values } from '../../directory/values.ts';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { guarded, named } from '../schema.ts';
import { authorOf, reachAccount } from './reach.ts';
import { AccountParams, closed, EntryParams, EntryQuery, Revision, RevisionQuery } from './schema/shapes.ts';
import { KIND_SCHEMAS } from './schema/values.ts';

/** A role may name every user of the account. */
const BODY_BYTES = 4 * 1024 * 1024;
const PAGE = 100;

/** What an entry of each kind is called: one, and many. */
const WORDS: Readonly<Record<Kind, readonly [string, string]>> = {
  users: ['user', 'Users of an account, by name'],
  devices: ['device', 'Devices, with the user that each belongs to'],
  numbers: ['number', 'Numbers (DDIs) and what is recorded of them'],
  queues: ['queue', 'Queues with their agents'],
  teams: ['team', 'Teams of users'],
  groups: ['group', 'Recording groups'],
  roles: ['role', 'Roles: users and teams that rules are about'],
  rules: ['rule', 'Rules: whose calls are recorded, automatically or by hand'],
};

export function entryRoutes(app: App, context: ApiContext): void {
  for (const kind of KINDS) {
    listRoute(app, context, kind);
    createRoute(app, context, kind);
    readRoute(app, context, kind);
    changeRoute(app, context, kind);
    deleteRoute(app, context, kind);
  }
}

const operation = (verb: string, kind: Kind, many = false): string => {
  const [word] = WORDS[kind];
  return `${verb}${word.charAt(0).toUpperCase()}${word.slice(1)}${many ? 's' : ''}`;
};

function listRoute(app: App, context: ApiContext, kind: Kind): void {
  app.get(
    `/accounts/:accountId/${kind}`,
    {
      config: { access: 'directory.read' },
      schema: {
        operationId: operation('list', kind, true),
        tags: ['directory'],
        summary: WORDS[kind][1],
        params: AccountParams,
        querystring: EntryQuery,
        response: { 200: named(KIND_SCHEMAS[kind].page), ...guarded(404, 503) },
      },
    },
    async (request) => {
      const { accountId } = request.params;
      await reachAccount(context, request, accountId, 'directory.read');
      const { q, cursor, limit = PAGE } = request.query;
      const filters = { accountId, kind, q };
      const after = cursor === undefined ? undefined : (readCursor(cursor, filters).map(String) as [string, string]);
      const page = await context.directory.list(accountId, kind, {
        limit,
        ...(q === undefined ? {} : { q }),
        ...(after === undefined ? {} : { after }),
      });
      const last = page.items.at(-1);
      const next = page.more && last !== undefined ? writeCursor([last.name.toLowerCase(), last.id], filters) : null;
      return { items: page.items.map(viewOf), next };
    },
  );
}

function createRoute(app: App, context: ApiContext, kind: Kind): void {
  app.post(
    `/accounts/:accountId/${kind}`,
    {
      config: { access: 'directory.change' },
      bodyLimit: BODY_BYTES,
      schema: {
        operationId: operation('create', kind),
        tags: ['directory'],
        summary: `Make a new ${WORDS[kind][0]}`,
        params: AccountParams,
        body: closed({ value: named(KIND_SCHEMAS[kind].value) }),
        response: { 201: named(KIND_SCHEMAS[kind].entry), ...guarded(404, 409, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const { accountId } = request.params;
      await reachAccount(context, request, accountId, 'directory.change');
      const value = request.body.value as Values[Kind];
      const entry = await context.directory.create(authorOf(request), accountId, kind, value);
      return reply.code(201).send(changedView(entry));
    },
  );
}

function readRoute(app: App, context: ApiContext, kind: Kind): void {
  app.get(
    `/accounts/:accountId/${kind}/:id`,
    {
      config: { access: 'directory.read' },
      schema: {
        operationId: operation('get', kind),
        tags: ['directory'],
        summary: `One ${WORDS[kind][0]} with its revision`,
        params: EntryParams,
        response: { 200: named(KIND_SCHEMAS[kind].entry), ...guarded(404, 503) },
      },
    },
    async (request) => {
      const { accountId, id } = request.params;
      await reachAccount(context, request, accountId, 'directory.read');
      const entry = await context.directory.get(accountId, kind, id);
      if (entry === undefined)
        throw new EarshotError('NOT_FOUND', `there is no such ${WORDS[kind][0]}.`, { key: 'id' });
      return viewOf(entry);
    },
  );
}

function changeRoute(app: App, context: ApiContext, kind: Kind): void {
  app.put(
    `/accounts/:accountId/${kind}/:id`,
    {
      config: { access: 'directory.change' },
      bodyLimit: BODY_BYTES,
      schema: {
        operationId: operation('change', kind),
        tags: ['directory'],
        summary: `Replace the value of a ${WORDS[kind][0]}`,
        params: EntryParams,
        body: closed({ revision: Revision, value: named(KIND_SCHEMAS[kind].value) }),
        response: { 200: named(KIND_SCHEMAS[kind].entry), ...guarded(404, 409, 413, 415, 503) },
      },
    },
    async (request) => {
      const { accountId, id } = request.params;
      await reachAccount(context, request, accountId, 'directory.change');
      const { revision, value } = request.body;
      const author = authorOf(request);
      return changedView(await context.directory.change(author, accountId, kind, id, revision, value));
    },
  );
}

function deleteRoute(app: App, context: ApiContext, kind: Kind): void {
  app.delete(
    `/accounts/:accountId/${kind}/:id`,
    {
      config: { access: 'directory.change' },
      schema: {
        operationId: operation('delete', kind),
        tags: ['directory'],
        summary:
          kind === 'users'
            ? 'Delete a user; recordings stay, teams, roles, queues and devices lose the user'
            : `Delete a ${WORDS[kind][0]} that nothing refers to`,
        params: EntryParams,
        querystring: RevisionQuery,
        response: { 204: Type.Null({ description: 'Deleted.' }), ...guarded(404, 409, 503) },
      },
    },
    async (request, reply) => {
      const { accountId, id } = request.params;
      await reachAccount(context, request, accountId, 'directory.change');
      await context.directory.remove(authorOf(request), accountId, kind, id, request.query.revision);
      return reply.code(204).send(null);
    },
  );
}

/** The value is checked against its kind where it enters; on the way out it is of the same shape. */
function viewOf(entry: Entry) {
  const { id, revision, name, value, source, changedAt, changedBy } = entry;
  return { id, revision, name, value: value as never, source, changedAt: changedAt.toISOString(), changedBy };
}

function changedView(entry: Changed) {
  return { ...viewOf(entry), warnings: [...entry.warnings] };
}
