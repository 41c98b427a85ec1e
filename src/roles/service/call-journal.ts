import type { CallJournal, CallMoment, HeldRow, HeldSource, PastCallRow } from '../../api/context.ts';
import { actorOf } from '../../archive/who.ts';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { Choice } from '../../catalogue/held.ts';
import type { Asker } from '../../link/journal.ts';
import type { ArchiveSide } from './archive.ts';

/** The journal of calls for the API, from the catalogue. What stands in it as JSON was written by the archive. */
export function callJournal(catalogue: Catalogue): CallJournal {
  return {
    async list(filter, cursor, limit) {
      return catalogue.listCalls(filter, { cursor: cursor ?? undefined, limit });
    },
    async get(whose, id) {
      const call = await catalogue.getCall(whose, id);
      return call === null ? undefined : { ...call, history: call.history as unknown as CallMoment[] };
    },
    past: (accountId, limit) => catalogue.pastCalls(accountId, limit) as Promise<unknown> as Promise<PastCallRow[]>,
  };
}

/** Calls that live-keep holds after their end. A word on one is stored first, and then the archive looks at the call again. */
export function heldSource(catalogue: Catalogue, archive: ArchiveSide): HeldSource {
  const choose = async (callId: string, choice: Choice, asker: Asker): Promise<boolean> => {
    const word = { callId, choice, asker: { ...asker }, actor: actorOf(asker) };
    await archive.noteHeld(callId);
    if (!(await catalogue.chooseHeld(word))) return false;
    archive.archiver.wake(callId);
    return true;
  };
  return {
    async list(whose, callId) {
      return (await catalogue.heldCalls(whose, callId)) as unknown as HeldRow[];
    },
    keep: (callId, asker) => choose(callId, 'keep', asker),
    drop: (callId, asker) => choose(callId, 'drop', asker),
  };
}
