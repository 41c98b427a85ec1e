import type { CallState } from '../link/fold.ts';
import type { Asker } from '../link/journal.ts';
import type { Holding } from '../catalogue/held.ts';
import { archiveRecording, earlierOutcome, type RecordingOutcome } from './archive-recording.ts';
import { CallReading } from './call-reading.ts';
import { callRow } from './call-row.ts';
import { planChannels } from './channels.ts';
import { type DecidedCall, ofCall } from './describe.ts';
import { withFoundStreams } from './found-streams.ts';
import type { ArchiveOutcome, ArchiveParts } from './types.ts';
import { decideNow, keepMinutes, sortRecordings, type Sorted, type Wanted } from './wanted.ts';
import { actorOf } from './who.ts';

/**
 * Makes an ended call what it is to be: its recordings, each committed by its manifest, and a row in the journal of calls. It may die anywhere
 * and be called again, here or in another process: each recording ends up in the archive once. When this returns, and does not say
 * that the call is held, its audio may be freed.
 * @throws whatever store, database or log throw, to be tried again; RangeError for a call that has not ended
 */
export async function archiveCall(parts: ArchiveParts, call: CallState): Promise<ArchiveOutcome> {
  if (call.ended === null) throw new RangeError(`call ${call.callId} has not ended`);
  // Its opening came to the disk, but it was cancelled or could not be taken: nobody has been told that it is recorded.
  if (call.ended.reason === 'refused') return 'not-recorded';
  const { work, sorted } = await look(parts, call);
  const { pending, expired } = sorted;
  const fate = fateOf(sorted);
  const outcomes = await work.archive(sorted.wanted, fate);
  if (pending.length === 0 && expired.length === 0) return work.conclude(outcomes, fate, sorted.dropped.at(-1));
  const holding = pending.length > 0 ? await work.hold() : await parts.catalogue.holdingOf(call.callId);
  if (pending.length > 0 && holding !== null && holding.choice === null) {
    return { heldUntil: holding.until.getTime() + GRACE_MS };
  }
  if (holding?.choice !== 'keep') return work.conclude(outcomes, [...fate, droppedText(holding)], askerOf(holding));
  const kept = await work.archive(
    [...pending, ...expired].map((one) => askedBy(one, holding)),
    fate,
  );
  return work.conclude([...outcomes, ...kept], fate);
}

/**
 * What is held is dropped by the recorder's own clock, and the journal tells so. Only where it has not told for so long is the time over by the
 * clock here: whom the recorder promised to keep a call at the last moment must not be wronged.
 */
const GRACE_MS = 30_000;

/** Notes in the catalogue that live-keep holds an ended call, so that somebody may ask for it before its turn has come. Others are left alone. */
export async function holdCall(parts: ArchiveParts, call: CallState): Promise<void> {
  const { work, sorted } = await look(parts, call);
  if (sorted.pending.length > 0) await work.hold();
}

async function look(parts: ArchiveParts, call: CallState): Promise<{ work: Work; sorted: Sorted }> {
  const decided = await decideNow(call.history, (facts) => parts.decide(facts));
  const { accountId, warnings } = await accountOf(parts, decided);
  const work = new Work(parts, { call, decided, plan: planChannels(call), accountId }, warnings);
  return { work, sorted: sortRecordings(call, decided) };
}

/** Whose the call is by its latest decision that says so; one that is not there any more is nobody's. */
async function accountOf(
  parts: ArchiveParts,
  decided: DecidedCall['decided'],
): Promise<{ accountId: string; warnings: string[] }> {
  const told = decided.findLast(({ decision }) => decision.accountId !== '')?.decision.accountId ?? '';
  if (told === '') return { accountId: parts.unassignedAccountId, warnings: [] };
  if (await parts.catalogue.accountExists(told)) return { accountId: told, warnings: [] };
  return { accountId: parts.unassignedAccountId, warnings: [`Its account ${told} is not there any more.`] };
}

/** What became of recordings that are not kept. */
function fateOf({ dropped, isDestroyed }: Sorted): string[] {
  const fate = dropped.length === 0 ? [] : [droppedBy(dropped.at(-1) ?? null)];
  return isDestroyed ? [...fate, 'What had been captured was destroyed.'] : fate;
}

function droppedBy(asker: Asker | null): string {
  return `What was held was dropped${asker === null ? '' : ` by ${asker.name}`}.`;
}

function droppedText(holding: Holding | null): string {
  if (holding?.choice === 'drop') return droppedBy(askerOf(holding));
  return 'Nobody asked for it in time: what was held was destroyed.';
}

/** What was kept after the call was asked for by hand. */
function askedBy(wanted: Wanted, holding: Holding): Wanted {
  return { ...wanted, asker: askerOf(holding) ?? wanted.asker };
}

/** As it was stored with the word. */
function askerOf(holding: Holding | null): Asker | null {
  return (holding?.asker ?? null) as Asker | null;
}

/** One attempt at one call; it is read when something of it is wanted. */
class Work {
  readonly #parts: ArchiveParts;
  readonly #warnings: readonly string[];
  #decided: DecidedCall;
  #reading: CallReading | null = null;

  constructor(parts: ArchiveParts, decided: DecidedCall, warnings: readonly string[]) {
    this.#parts = parts;
    this.#decided = decided;
    this.#warnings = warnings;
  }

  /** One recording after the other. */
  async archive(wanted: readonly Wanted[], fate: readonly string[]): Promise<RecordingOutcome[]> {
    const outcomes: RecordingOutcome[] = [];
    for (const one of wanted) outcomes.push(await this.#archiveOne(one, fate));
    this.#reading?.release();
    return outcomes;
  }

  async #archiveOne(wanted: Wanted, fate: readonly string[]): Promise<RecordingOutcome> {
    const earlier = await earlierOutcome(this.#parts, this.#decided.call.callId, wanted.recording);
    if (earlier !== null) return earlier;
    const reading = await this.#read();
    const decided = this.#decided;
    const warnings = this.#warnings;
    return archiveRecording(this.#parts, { ...decided, wanted, reading, warnings, ofCall: ofCall(decided, fate) });
  }

  async #read(): Promise<CallReading> {
    if (this.#reading !== null) return this.#reading;
    const reading = new CallReading(this.#parts.log, this.#decided.call);
    const call = await withFoundStreams(this.#decided.call, reading);
    this.#decided = { ...this.#decided, call, plan: planChannels(call) };
    this.#reading = reading;
    return reading;
  }

  /** Notes in the journal of calls that it is held, and asks what has become of that. */
  async hold(): Promise<Holding> {
    const { catalogue, clock } = this.#parts;
    const { call, accountId } = this.#decided;
    await catalogue.recordCall(callRow(this.#decided, this.#parts.nodeId, []));
    const until = new Date(Math.round(call.openedAt + (call.ended?.mono ?? 0) + keepMinutes(call) * 60_000));
    const holding = await catalogue.holdCall({ callId: call.callId, accountId, until });
    if (holding.choice !== null || holding.until.getTime() + GRACE_MS > clock.now()) return holding;
    await catalogue.chooseHeld({ callId: call.callId, choice: 'expired', asker: null, actor: 'live-keep' });
    // Somebody may have been faster by a moment.
    return catalogue.holdCall({ callId: call.callId, accountId, until });
  }

  /** Writes the call into the journal, which a recording does for itself. @param asker who had it that nothing is left of something */
  async conclude(
    outcomes: readonly RecordingOutcome[],
    fate: readonly string[],
    asker?: Asker | null,
  ): Promise<ArchiveOutcome> {
    const { catalogue, nodeId } = this.#parts;
    const { call } = this.#decided;
    const audit = fate.length === 0 ? [] : [this.#destroyed(fate, asker ?? call.destroyedBy)];
    if (outcomes.length === 0 || fate.length > 0) {
      await catalogue.recordCall(callRow(this.#decided, nodeId, fate), audit);
    }
    // A word on it may have come by the recorder, which leaves the row.
    if (call.recordings.some(({ by }) => by === 'live-keep')) await catalogue.releaseHeld(call.callId, audit);
    if (outcomes.length === 0) return 'not-recorded';
    return outcomes.find((one) => one === 'archived') ?? outcomes.find((one) => one === 'existing') ?? 'deleted';
  }

  #destroyed(fate: readonly string[], asker: Asker | null) {
    const { call, accountId } = this.#decided;
    const actor = asker === null ? 'policy' : actorOf(asker);
    return { accountId, actor, action: 'call.destroyed', subject: call.callId, detail: { why: [...fate] } };
  }
}
