import { handlingOfUser, termsOf } from '../terms.ts';
import { partyWords } from '../view.ts';
import { asking, silent, type Case, type LayerAnswer } from './case.ts';

/** D5: all calls of a queue, or those of chosen agents; whatever endpoints and account say. */
export function queueLayer({ known, account, endpoints }: Case): LayerAnswer {
  const { queue } = known;
  if (queue === null) return silent('queue', 'The call came through no queue that is known.');
  const { id, name } = queue;
  const record = queue.record ?? 'off';
  if (record === 'off') return silent('queue', `The queue ${name} does not record its calls.`);
  if (record === 'all') {
    const terms = termsOf(account, [queue.handling]);
    return asking('queue', `The queue ${name} records all its calls.`, [
      { layer: 'queue', id, name, scope: 'call', anchors: [], terms },
    ]);
  }
  const chosen = new Set((queue.agents ?? []).flatMap((agent) => (agent.record === true ? [agent.userId] : [])));
  const views = endpoints.filter(({ user }) => user !== undefined && chosen.has(user.id));
  if (views.length === 0)
    return silent('queue', `The queue ${name} records chosen agents, and none of them is in the call.`);
  const names = views.map(({ party }) => partyWords(party!)).join(', ');
  return asking(
    'queue',
    `The queue ${name} records the calls of ${names}.`,
    views.map(({ user, party }) => ({
      layer: 'queue',
      id: `${id}/${user!.id}`,
      name: `${name}: ${user!.name}`,
      scope: 'endpoint',
      anchors: [party!.decided.id],
      terms: termsOf(account, [queue.handling, ...handlingOfUser(account, user)]),
    })),
  );
}
