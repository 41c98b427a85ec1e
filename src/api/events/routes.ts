import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { guarded, named } from '../schema.ts';
import { EventHeaders, LiveEvent } from './schema.ts';
import { sendEvents } from './stream.ts';
import type { EventHub } from './hub.ts';

export function eventRoutes(app: App, context: ApiContext, hub: EventHub): void {
  app.get(
    '/events',
    {
      config: { access: 'events.read' },
      schema: {
        operationId: 'readEvents',
        tags: ['events'],
        summary: 'Live events as server-sent events',
        description:
          'Stays open. `event:` is the type, `data:` the JSON of LiveEvent.data, `id:` goes into Last-Event-ID when you come back. ' +
          'A comment line comes at least every 15 s. After `reset` load the lists again.',
        headers: EventHeaders,
        response: {
          200: { description: 'Events.', content: { 'text/event-stream': { schema: named(LiveEvent) } } },
          ...guarded(503),
        },
      },
    },
    (request, reply) => {
      void sendEvents(context, hub, request, reply);
    },
  );
}
