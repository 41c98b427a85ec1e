import { Type } from 'typebox';
import type { Place } from '../../access/actor.ts';
import { INVITATION_LIFE_MS } from '../../access/people.ts';
import type { PersonRow } from '../../access/store.ts';
import type { FastifyRequest } from 'fastify';
import { EarshotError } from '../../base/errors.ts';
import type { App } from '../app.ts';
import { auditOf } from '../audit/write.ts';
import type { ApiContext } from '../context.ts';
import { guarded, IdParams, named } from '../schema.ts';
import { Invitation, type Person, Person as PersonSchema, PersonChange, PersonCreate, PersonList } from './schema.ts';

export function peopleRoutes(app: App, context: ApiContext): void {
  readRoutes(app, context);
  createRoute(app, context);
  changeRoute(app, context);
  removeRoute(app, context);
  inviteRoute(app, context);
}

function readRoutes(app: App, context: ApiContext): void {
  app.get(
    '/people',
    {
      config: { access: 'people.read' },
      schema: {
        operationId: 'listPeople',
        tags: ['people'],
        summary: 'Who can sign in, within your reach, by login',
        response: { 200: named(PersonList), ...guarded(503) },
      },
    },
    async (request) => ({ items: (await context.access.people.list(request.actor)).map(personOf) }),
  );
  app.get(
    '/people/:id',
    {
      config: { access: 'people.read' },
      schema: {
        operationId: 'getPerson',
        tags: ['people'],
        summary: 'One person who signs in',
        params: IdParams,
        response: { 200: named(PersonSchema), ...guarded(404, 503) },
      },
    },
    async (request) => personOf(await context.access.people.get(request.actor, request.params.id)),
  );
}

function createRoute(app: App, context: ApiContext): void {
  app.post(
    '/people',
    {
      config: { access: 'people.change' },
      schema: {
        operationId: 'createPerson',
        tags: ['people'],
        summary: 'Invite a person: the answer holds a one-time address where he sets a password',
        description: 'Nobody gives a level above his own, or outside of his reach.',
        body: PersonCreate,
        response: { 201: named(Invitation), ...guarded(404, 409, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const { login, name } = request.body;
      const place = placeOf(request.body, request.body.role);
      const { person, link } = await refusable(context, request, 'people.create', login, () =>
        context.access.people.create(request.actor, { login, name, ...place }),
      );
      await note(context, request, 'people.create', person, levelOf(person));
      return reply.code(201).send(invitationOf(context, request, person, link));
    },
  );
}

function changeRoute(app: App, context: ApiContext): void {
  app.put(
    '/people/:id',
    {
      config: { access: 'people.change' },
      schema: {
        operationId: 'changePerson',
        tags: ['people'],
        summary: 'Change a person, or disable him; what is left out stays',
        params: IdParams,
        body: PersonChange,
        response: { 200: named(PersonSchema), ...guarded(404, 409, 413, 415, 503) },
      },
    },
    async (request) => {
      const { login, name, role, isDisabled } = request.body;
      if (role === undefined && ['accountId', 'brandId', 'userId'].some((key) => key in request.body)) {
        throw new EarshotError('BAD_REQUEST', 'a new account, brand or user comes with the role.', { key: 'role' });
      }
      const { id } = request.params;
      const person = await refusable(context, request, 'people.change', id, () =>
        context.access.people.change(request.actor, id, {
          ...(login === undefined ? {} : { login }),
          ...(name === undefined ? {} : { name }),
          ...(role === undefined ? {} : { place: placeOf(request.body, role) }),
          ...(isDisabled === undefined ? {} : { isDisabled }),
        }),
      );
      const detail = {
        ...levelOf(person),
        ...(login === undefined ? {} : { login }),
        ...(isDisabled === undefined ? {} : { isDisabled }),
      };
      await note(context, request, 'people.change', person, detail);
      return personOf(person);
    },
  );
}

function removeRoute(app: App, context: ApiContext): void {
  app.delete(
    '/people/:id',
    {
      config: { access: 'people.change' },
      schema: {
        operationId: 'removePerson',
        tags: ['people'],
        summary: 'Remove a person with his sessions and tokens; what he did stays in the audit log',
        params: IdParams,
        response: { 204: Type.Null({ description: 'Removed.' }), ...guarded(404, 409, 503) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const person = await refusable(context, request, 'people.remove', id, () =>
        context.access.people.remove(request.actor, id),
      );
      await note(context, request, 'people.remove', person, { login: person.login });
      return reply.code(204).send(null);
    },
  );
}

function inviteRoute(app: App, context: ApiContext): void {
  app.post(
    '/people/:id/invitation',
    {
      config: { access: 'people.change' },
      schema: {
        operationId: 'invitePerson',
        tags: ['people'],
        summary: 'A fresh one-time address, also for a person who has forgotten the password',
        params: IdParams,
        response: { 201: named(Invitation), ...guarded(404, 503) },
      },
    },
    async (request, reply) => {
      const { person, link } = await context.access.people.invite(request.actor, request.params.id);
      await note(context, request, 'people.invite', person, { login: person.login });
      return reply.code(201).send(invitationOf(context, request, person, link));
    },
  );
}

/** Puts on record what was refused because of a level or of the last operator. */
async function refusable<T>(
  context: ApiContext,
  request: FastifyRequest,
  action: string,
  subject: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof EarshotError && ['NOT_ALLOWED', 'NOT_FOUND'].includes(error.code)) {
      await auditOf(context, request, action, 'refused', subject);
    }
    throw error;
  }
}

function note(context: ApiContext, request: FastifyRequest, action: string, person: PersonRow, detail: object) {
  return auditOf(context, request, action, 'done', person.id, { ...detail }, person.accountId);
}

function placeOf(ids: Partial<Pick<Place, 'accountId' | 'brandId' | 'userId'>>, role: Place['role']): Place {
  const { accountId = null, brandId = null, userId = null } = ids;
  return { role, accountId, brandId, userId };
}

function levelOf({ login, role, accountId, brandId, userId }: PersonRow) {
  return { login, role, accountId, brandId, userId };
}

function personOf(row: PersonRow): Person {
  return {
    id: row.id,
    name: row.name,
    ...levelOf(row),
    state: row.disabledAt !== null ? 'disabled' : row.hasPassword ? 'active' : 'invited',
    createdAt: row.createdAt.toISOString(),
    lastSignInAt: row.seenAt?.toISOString() ?? null,
  };
}

function invitationOf(context: ApiContext, request: FastifyRequest, person: PersonRow, link: string) {
  const server = context.http.publicUrl ?? `${request.protocol}://${request.host}`;
  return {
    person: personOf(person),
    url: `${server}/join#${link}`,
    expiresAt: new Date(context.clock.now() + INVITATION_LIFE_MS).toISOString(),
  };
}
