import type { FastifyRequest } from 'fastify';
import type { Action } from '../../../access/rules.ts';
import type { Asker } from '../../../link/journal.ts';
import type { LiveCall } from '../../../link/messages.ts';
import type { App } from '../../app.ts';
import type { ApiContext } from '../../context.ts';
import { guarded, named } from '../../schema.ts';
import { askerOf } from '../asker.ts';
import { carryOut, settleHeld } from './carry-out.ts';
import { findHeld, findLive, noCall, readCallName } from './find.ts';
import { CallControl, CallFlow, CallOverride, CallParams, ControlAnswer } from './schema.ts';

const RESPONSES = { 200: named(ControlAnswer), ...guarded(404, 409, 413, 415, 503) };

export function controlRoutes(app: App, context: ApiContext): void {
  controlRoute(app, context);
  overrideRoute(app, context);
  flowRoute(app, context);
  hangupRoute(app, context);
}

function controlRoute(app: App, context: ApiContext): void {
  app.post(
    '/calls/:callId/control',
    {
      config: { access: 'calls.control' },
      schema: {
        operationId: 'controlCall',
        tags: ['calls'],
        summary: 'Start, stop, pause or resume recording by hand; keep or drop what is held',
        description: 'The decision of the call says who may do what. Answered when the step is on disk.',
        params: CallParams,
        body: CallControl,
        response: RESPONSES,
      },
    },
    async (request) => {
      const { action, reason } = request.body;
      const name = readCallName(request.params.callId);
      const call = findLive(context, request, name, 'calls.control');
      const asker = askerOf(request.actor);
      if (call !== undefined) {
        const command = { op: 'control', callId: call.callId, action, asker } as const;
        return carryOut(context, request, call, reason === undefined ? command : { ...command, reason });
      }
      const held = action === 'keep' || action === 'drop' ? await findHeld(context, request, name) : undefined;
      if (held === undefined || (action !== 'keep' && action !== 'drop'))
        throw await noCall(context, request, 'calls.control', request.params.callId);
      return settleHeld(context, request, held, action, asker);
    },
  );
}

function overrideRoute(app: App, context: ApiContext): void {
  app.post(
    '/calls/:callId/override',
    {
      config: { access: 'calls.flow' },
      schema: {
        operationId: 'overrideCall',
        tags: ['calls'],
        summary: 'Set the override of a running call and of its later legs',
        params: CallParams,
        body: CallOverride,
        response: RESPONSES,
      },
    },
    async (request) => {
      const call = await liveOf(context, request, request.params.callId, 'calls.flow');
      const { value } = request.body;
      return carryOut(context, request, call, {
        op: 'override',
        callId: call.callId,
        value,
        asker: askerOf(request.actor),
      });
    },
  );
}

function flowRoute(app: App, context: ApiContext): void {
  app.post(
    '/calls/:callId/flow',
    {
      config: { access: 'calls.flow' },
      schema: {
        operationId: 'passFlowStep',
        tags: ['calls'],
        summary: 'A call flow starts or stops recording here',
        params: CallParams,
        body: CallFlow,
        response: RESPONSES,
      },
    },
    async (request) => {
      const call = await liveOf(context, request, request.params.callId, 'calls.flow');
      const asker: Asker = { ...askerOf(request.actor), kind: 'flow', via: 'flow' };
      return carryOut(context, request, call, { op: 'flow', callId: call.callId, ...request.body, asker });
    },
  );
}

function hangupRoute(app: App, context: ApiContext): void {
  app.post(
    '/calls/:callId/hangup',
    {
      config: { access: 'calls.hangup' },
      schema: {
        operationId: 'hangUpCall',
        tags: ['calls'],
        summary: 'End the recording session; the call itself goes on',
        params: CallParams,
        response: RESPONSES,
      },
    },
    async (request) => {
      const call = await liveOf(context, request, request.params.callId, 'calls.hangup');
      return carryOut(context, request, call, { op: 'hangup', callId: call.callId, asker: askerOf(request.actor) });
    },
  );
}

/** @throws EarshotError NOT_FOUND, CONFLICT */
async function liveOf(context: ApiContext, request: FastifyRequest, id: string, action: Action): Promise<LiveCall> {
  const call = findLive(context, request, readCallName(id), action);
  if (call === undefined) throw await noCall(context, request, action, id);
  return call;
}
