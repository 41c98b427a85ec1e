import type { CallJournal, CallMoment, HeldRow, HeldSource, PastCallRow } from '../../api/context.ts';
import { actorOf } from '../../archive/who.ts';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { Asker } from '../../link/journal.ts';
import type { ArchiveSide } from './archive.ts';
import type { RecorderSide } from './calls.ts';

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

/**
 * Calls that live-keep holds after their end. The recorder owns their audio and drops it when nobody has asked, so it is told as well; the word
 * in the catalogue stands where it is away, and the archive looks at the call again.
 */
export function heldSource(catalogue: Catalogue, archive: ArchiveSide, recorder: RecorderSide): HeldSource {
  const choose = async (callId: string, choice: 'keep' | 'drop', asker: Asker): Promise<boolean> => {
    const { ok, code } = await recorder.command({ op: 'control', callId, action: choice, asker });
    if (code === 'CONFLICT' || code === 'NOT_ALLOWED') return false;
    await archive.noteHeld(callId);
    const isFirst = await catalogue.chooseHeld({ callId, choice, asker: { ...asker }, actor: actorOf(asker) });
    if (isFirst) archive.archiver.wake(callId);
    // The journal may have been so fast that the call is archived by now.
    return isFirst || ok;
  };
  return {
    async list(whose, callId) {
      return (await catalogue.heldCalls(whose, callId)) as unknown as HeldRow[];
    },
    keep: (callId, asker) => choose(callId, 'keep', asker),
    drop: (callId, asker) => choose(callId, 'drop', asker),
  };
}
