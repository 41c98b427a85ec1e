import { Type } from 'typebox';
import type { ImportResult, LdapConnection } from '../../directory/port.ts';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { guarded, named } from '../schema.ts';
import { found } from './accounts.ts';
import { authorOf, reachAccount } from './reach.ts';
import {
  CsvImport,
  ImportResult as ImportResultSchema,
  LdapConnection as LdapConnectionSchema,
  LdapConnectionChange,
  LdapRun,
} from './schema/imports.ts';
import { AccountParams, RevisionQuery } from './schema/shapes.ts';

/** Lines of a file of 100,000 users, escaped as JSON. */
const FILE_BYTES = 40 * 1024 * 1024;
const MOST_LISTED = 500;

export function importRoutes(app: App, context: ApiContext): void {
  csvRoute(app, context);
  ldapReadRoute(app, context);
  ldapChangeRoutes(app, context);
  ldapRunRoute(app, context);
}

function csvRoute(app: App, context: ApiContext): void {
  app.post(
    '/accounts/:accountId/imports/csv',
    {
      config: { access: 'directory.change' },
      bodyLimit: FILE_BYTES,
      schema: {
        operationId: 'importCsv',
        tags: ['directory'],
        summary: 'Bring in users, devices or numbers from a CSV file; all of it, or nothing',
        params: AccountParams,
        body: CsvImport,
        response: { 200: named(ImportResultSchema), ...guarded(404, 409, 413, 415, 503) },
      },
    },
    async (request) => {
      const { accountId } = request.params;
      await reachAccount(context, request, accountId, 'directory.change');
      const { force = false, adopt = false, ...file } = request.body;
      return resultView(await context.imports.importCsv(authorOf(request), accountId, { ...file, force, adopt }));
    },
  );
}

function ldapReadRoute(app: App, context: ApiContext): void {
  app.get(
    '/accounts/:accountId/imports/ldap',
    {
      config: { access: 'directory.read' },
      schema: {
        operationId: 'getLdapConnection',
        tags: ['directory'],
        summary: 'The connection to a directory server, without its password, and how it went last',
        params: AccountParams,
        response: { 200: named(LdapConnectionSchema), ...guarded(404, 503) },
      },
    },
    async (request) => {
      const { accountId } = request.params;
      await reachAccount(context, request, accountId, 'directory.read');
      return connectionView(found(await context.imports.ldapConnection(accountId), 'connection', 'accountId'));
    },
  );
}

function ldapChangeRoutes(app: App, context: ApiContext): void {
  app.put(
    '/accounts/:accountId/imports/ldap',
    {
      config: { access: 'directory.change' },
      bodyLimit: 256 * 1024,
      schema: {
        operationId: 'saveLdapConnection',
        tags: ['directory'],
        summary: 'Set the connection to a directory server (LDAP, Active Directory)',
        params: AccountParams,
        body: LdapConnectionChange,
        response: { 200: named(LdapConnectionSchema), ...guarded(404, 409, 413, 415, 503) },
      },
    },
    async (request) => {
      const { accountId } = request.params;
      await reachAccount(context, request, accountId, 'directory.change');
      const { revision, value, password } = request.body;
      const author = authorOf(request);
      return connectionView(await context.imports.saveLdapConnection(author, accountId, revision, value, password));
    },
  );
  app.delete(
    '/accounts/:accountId/imports/ldap',
    {
      config: { access: 'directory.change' },
      schema: {
        operationId: 'deleteLdapConnection',
        tags: ['directory'],
        summary: 'Forget the directory server; its users stay and can be changed by hand',
        params: AccountParams,
        querystring: RevisionQuery,
        response: { 204: Type.Null({ description: 'Deleted.' }), ...guarded(404, 409, 503) },
      },
    },
    async (request, reply) => {
      const { accountId } = request.params;
      await reachAccount(context, request, accountId, 'directory.change');
      await context.imports.deleteLdapConnection(authorOf(request), accountId, request.query.revision);
      return reply.code(204).send(null);
    },
  );
}

function ldapRunRoute(app: App, context: ApiContext): void {
  app.post(
    '/accounts/:accountId/imports/ldap',
    {
      config: { access: 'directory.change' },
      schema: {
        operationId: 'runLdap',
        tags: ['directory'],
        summary: 'Make the users follow the directory server now, or see what would change',
        params: AccountParams,
        body: LdapRun,
        response: { 200: named(ImportResultSchema), ...guarded(404, 409, 413, 415, 503) },
      },
    },
    async (request) => {
      const { accountId } = request.params;
      await reachAccount(context, request, accountId, 'directory.change');
      const { dryRun, force = false, adopt = false } = request.body;
      return resultView(await context.imports.runLdap(authorOf(request), accountId, { dryRun, force, adopt }));
    },
  );
}

function connectionView({ revision, value, hasPassword, lastRun, nextRun }: LdapConnection) {
  return {
    revision,
    value: value as never,
    hasPassword,
    lastRun:
      lastRun === null
        ? null
        : {
            at: lastRun.at.toISOString(),
            ok: lastRun.ok,
            text: lastRun.text,
            counts: lastRun.counts === null ? null : { ...lastRun.counts },
          },
    nextRun: nextRun?.toISOString() ?? null,
  };
}

function resultView(result: ImportResult) {
  const { applied, counts, created, changed, deleted, errors, warnings, changeId } = result;
  return {
    applied,
    counts: { ...counts },
    created: created.slice(0, MOST_LISTED).map((item) => ({ ...item })),
    changed: changed.slice(0, MOST_LISTED).map((item) => ({ ...item, fields: item.fields.map((one) => ({ ...one })) })),
    deleted: deleted.slice(0, MOST_LISTED).map((item) => ({ ...item })),
    unchanged: counts.unchanged,
    errors: errors.slice(0, MOST_LISTED).map((fault) => ({ ...fault })),
    warnings: warnings.slice(0, MOST_LISTED),
    changeId,
  };
}
