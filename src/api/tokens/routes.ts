import { Type } from 'typebox';
import type { TokenRow } from '../../access/store.ts';
import { EarshotError } from '../../base/errors.ts';
import type { App } from '../app.ts';
import { auditOf } from '../audit/write.ts';
import type { ApiContext } from '../context.ts';
import { guarded, IdParams, named } from '../schema.ts';
import { TokenCreate, TokenCreated, TokenList } from './schema.ts';

export function tokenRoutes(app: App, context: ApiContext): void {
  const { access } = context;
  app.get(
    '/tokens',
    {
      config: { access: 'tokens.read' },
      schema: {
        operationId: 'listTokens',
        tags: ['tokens'],
        summary: 'Bearer tokens, without their secrets',
        response: { 200: named(TokenList), ...guarded(503) },
      },
    },
    async (request) => ({ items: (await access.tokens.list(request.actor)).map(viewOf) }),
  );
  app.post(
    '/tokens',
    {
      config: { access: 'tokens.change' },
      schema: {
        operationId: 'createToken',
        tags: ['tokens'],
        summary: 'Make a bearer token; its secret is shown this once',
        body: TokenCreate,
        response: { 201: named(TokenCreated), ...guarded(404, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const { row, secret } = await access.tokens.create(request.actor, request.body);
      const detail = { name: row.name, scope: row.scope, role: row.role, brandId: row.brandId, userId: row.userId };
      await auditOf(context, request, 'tokens.create', 'done', row.id, detail, row.accountId);
      return reply.code(201).send({ token: viewOf(row), secret });
    },
  );
  app.delete(
    '/tokens/:id',
    {
      config: { access: 'tokens.change' },
      schema: {
        operationId: 'revokeToken',
        tags: ['tokens'],
        summary: 'Revoke a token at once',
        params: IdParams,
        response: { 204: Type.Null({ description: 'Revoked.' }), ...guarded(404, 503) },
      },
    },
    async (request, reply) => {
      const revoked = await access.tokens.revoke(request.actor, request.params.id);
      if (revoked === null) throw new EarshotError('NOT_FOUND', 'there is no such token.', { key: 'id' });
      await auditOf(context, request, 'tokens.revoke', 'done', revoked.id, { name: revoked.name }, revoked.accountId);
      return reply.code(204).send(null);
    },
  );
}

function viewOf(row: TokenRow) {
  return {
    id: row.id,
    name: row.name,
    scope: row.scope,
    role: row.role,
    accountId: row.accountId,
    brandId: row.brandId,
    userId: row.userId,
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  };
}
