import { may } from '../../access/rules.ts';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { guarded, named } from '../schema.ts';
import { LiveCalls } from './schema.ts';
import { subjectOf } from './subject.ts';
import { liveCallOf } from './view.ts';

export function callRoutes(app: App, context: ApiContext): void {
  app.get(
    '/calls/live',
    {
      config: { access: 'calls.live' },
      schema: {
        operationId: 'listLiveCalls',
        tags: ['calls'],
        summary: 'Calls that run now',
        response: { 200: named(LiveCalls), ...guarded() },
      },
    },
    (request) => ({
      recorder: context.calls.status().state,
      items: context.calls
        .calls()
        .filter((call) => may(request.actor, 'calls.live', subjectOf(call)))
        .map((call) => liveCallOf(call, request.actor)),
    }),
  );
}
