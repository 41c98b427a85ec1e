import { narrowingOf } from '../../access/rules.ts';
import type { TrialEdit } from '../../directory/port.ts';
import type { AccountPolicy, Kind } from '../../directory/values.ts';
import { decide } from '../../policy/decide.ts';
import { impact } from '../../policy/impact.ts';
import type { AccountSettings, PolicySettings } from '../../policy/types.ts';
import type { App } from '../app.ts';
import type { ApiContext, CallPartyRow, PastCallRow } from '../context.ts';
import { reachAccount } from '../directory/reach.ts';
import { AccountParams } from '../directory/schema/shapes.ts';
import { guarded, named } from '../schema.ts';
import { factsOf, settingsOfAccount } from './made-up.ts';
import {
  Explanation,
  MadeUpCall,
  Preview,
  type PreviewRequest,
  PreviewRequest as PreviewRequestSchema,
} from './schema.ts';
import { explanationOf } from './view.ts';

/** Past calls that a change is tried on. */
const EXAMINED = 1000;
/** A change of a whole import, or of a role of everybody. */
const BODY_BYTES = 4 * 1024 * 1024;

export function explainRoutes(app: App, context: ApiContext): void {
  explainRoute(app, context);
  previewRoute(app, context);
}

function explainRoute(app: App, context: ApiContext): void {
  app.post(
    '/accounts/:accountId/explain',
    {
      config: { access: 'explain' },
      schema: {
        operationId: 'explainCall',
        tags: ['explain'],
        summary: 'How a made-up call would be decided by the settings of now',
        description:
          'Nothing is changed. The answer is what the recorder would decide for such a call of this account.',
        params: AccountParams,
        body: MadeUpCall,
        response: { 200: named(Explanation), ...guarded(404, 413, 415, 503) },
      },
    },
    async (request) => {
      const { accountId } = request.params;
      // A user tries calls of his own.
      const own = narrowingOf(request.actor).userId;
      const userIds = [request.body.from.userId, request.body.to.userId].filter((id) => id !== undefined);
      await reachAccount(context, request, accountId, 'explain', own === null ? {} : { userIds });
      const { account, settings } = settingsOfAccount(context.policy.settings(), accountId);
      return explanationOf(decide(factsOf(request.body, account), settings));
    },
  );
}

function previewRoute(app: App, context: ApiContext): void {
  app.post(
    '/accounts/:accountId/preview',
    {
      bodyLimit: BODY_BYTES,
      config: { access: 'directory.change' },
      schema: {
        operationId: 'previewChanges',
        tags: ['explain'],
        summary: 'Which of the last 1,000 calls would be decided otherwise after these changes',
        description: 'Nothing is saved. What could not be saved is refused here as well.',
        params: AccountParams,
        body: PreviewRequestSchema,
        response: { 200: named(Preview), ...guarded(404, 413, 415, 503) },
      },
    },
    async (request) => {
      const { accountId } = request.params;
      await reachAccount(context, request, accountId, 'directory.change');
      const [after, calls] = await Promise.all([
        context.directory.accountWith(accountId, request.body.changes.map(editOf)),
        context.journal.past(accountId, EXAMINED),
      ]);
      const inForce = context.policy.settings();
      const before = settingsOfAccount(inForce, accountId).settings;
      const changed = impact(calls, before, settingsOfAccount(withAccount(inForce, after), accountId).settings);
      const byId = new Map(calls.map((call) => [call.id, call]));
      return {
        examined: calls.length,
        changed: changed.map(({ id, ...change }) => ({ callId: id, ...partiesOf(byId.get(id)!), ...change })),
      };
    },
  );
}

function editOf({ kind, id, value }: PreviewRequest['changes'][number]): TrialEdit {
  if (kind !== 'policy') return { kind, id, value: value as TrialValue };
  return { kind: 'account', policy: value as unknown as AccountPolicy };
}

type TrialValue = Extract<TrialEdit, { kind: Kind }>['value'];

function withAccount(settings: PolicySettings | null, account: AccountSettings): PolicySettings | null {
  if (settings === null) return null;
  return { ...settings, accounts: settings.accounts.map((one) => (one.id === account.id ? account : one)) };
}

function partiesOf({ startedAt, parties }: PastCallRow) {
  const of = (role: CallPartyRow['role'], position: number) => {
    const party = parties.find((one) => one.role === role) ?? parties[position];
    return party?.userName ?? party?.name ?? party?.number ?? party?.aor ?? null;
  };
  return { startedAt: startedAt.toISOString(), from: of('caller', 0), to: of('callee', 1) };
}
