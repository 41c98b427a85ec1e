import swagger from '@fastify/swagger';
import type { App } from './app.ts';

const DESCRIPTION = `Everything that the web client does, and more.

**Who you are.** Programs send \`Authorization: Bearer <token>\`; tokens are made in the web client or by \`earshot token create\`.
Browsers sign in and hold a session cookie; their requests other than GET and HEAD also send the header \`X-Earshot-Request: 1\`, which pages of
other sites cannot.

**Errors** are application/problem+json with a stable \`code\`; docs/errors.md lists them.

**Lists** come in pages, newest first: give the \`next\` of a page as \`cursor\` to get the one after it.

**Times** are RFC 3339 in UTC with milliseconds; durations are milliseconds unless a name says otherwise.`;

const TAGS = [
  { name: 'setup', description: 'The first administrator.' },
  { name: 'session', description: 'Signing in and out.' },
  { name: 'tokens', description: 'Bearer tokens for programs.' },
  { name: 'people', description: 'Who signs in, and at which level.' },
  { name: 'recordings', description: 'Find, hear, download, delete.' },
  { name: 'calls', description: 'Calls that run now and what to do with them; the journal of all calls.' },
  { name: 'explain', description: 'Why a call is recorded or not, and what other settings would change.' },
  { name: 'events', description: 'What happens, as it happens.' },
  {
    name: 'directory',
    description: 'Brands, accounts, users, devices, numbers, rules, trunks: what decides which calls are recorded.',
  },
  { name: 'settings', description: 'What is recorded and how long it is kept.' },
  { name: 'status', description: 'Health, metrics, alarms.' },
  { name: 'audit', description: 'Who did what.' },
];

/** Collects the routes that are registered after it into an OpenAPI 3.1 document. */
export async function describeApi(app: App, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Earshot',
        version,
        description: DESCRIPTION,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } as never,
      },
      tags: TAGS,
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          cookie: { type: 'apiKey', in: 'cookie', name: '__Host-earshot' },
        },
      },
      security: [{ bearer: [] }, { cookie: [] }],
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, i) =>
        typeof json['$id'] === 'string' ? json['$id'] : `Schema${i}`,
    },
  });
}
