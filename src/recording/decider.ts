import type { Asker } from '../link/journal.ts';
import { compile } from '../policy/compile.ts';
import { decide, redecide } from '../policy/decide.ts';
import type { CallFacts, Decision, Override, PolicySettings } from '../policy/types.ts';
import type { RecordedCall } from './call/call.ts';
import { follow } from './call/recordings.ts';
import type { ConversationIndex } from './conversations.ts';
import type { RecordingSteps } from './steps.ts';

export const BY_POLICY: Asker = { kind: 'policy', id: null, name: 'Policy', via: 'policy' };
const BY_OTHER_LEG: Asker = { kind: 'policy', id: null, name: 'Another leg of the conversation', via: 'policy' };

const DENIED_BY_LEG = 'The override deny of another leg holds for the conversation.';

export interface DeciderParts {
  readonly conversations: ConversationIndex;
  readonly steps: RecordingSteps;
  /** Calls that are set up or running now. */
  readonly running: () => Iterable<RecordedCall>;
  /** The decision of a call changed; to be journalled. */
  readonly onDecided: (call: RecordedCall, text: string) => void;
}

/**
 * Asks policy, at the opening of a call and at each change of its facts, and lets its recordings follow. Legs of one conversation share the
 * override (D2): later ones inherit it, and a `deny` or a command also reaches those that run.
 */
export class Decider {
  readonly #parts: DeciderParts;
  #settings: PolicySettings | null;

  constructor(parts: DeciderParts, settings: PolicySettings | null) {
    this.#parts = parts;
    this.#settings = settings;
  }

  get version(): number {
    return this.#settings?.version ?? 0;
  }

  /**
   * The latest word counts, whatever its version: a database that was restored, or made anew, counts on from a lower one.
   * @returns false when they are what is in force
   * @throws EarshotError for settings that cannot be compiled; those in force stay
   */
  use(settings: PolicySettings): boolean {
    if (settings.version === this.version && JSON.stringify(settings) === JSON.stringify(this.#settings)) return false;
    // Now, and not while the next call waits for its answer.
    compile(settings);
    this.#settings = settings;
    return true;
  }

  /** Of a call that opens; the conversation's other legs do not hear of it before it runs. */
  first(facts: CallFacts, conversationId: string): Decision {
    const override = this.#parts.conversations.overrideOf(conversationId);
    if (override === undefined) return decide(facts, this.#settings);
    return redecide(
      { verdict: 'ignore', accountId: '', settingsVersion: 0, layers: [], override },
      facts,
      this.#settings,
    );
  }

  /** The call runs: what its opening brought holds for its conversation, and what that has learned meanwhile for it. */
  opened(call: RecordedCall): void {
    const { conversations } = this.#parts;
    const known = conversations.overrideOf(call.identity.conversationId);
    if (known === 'deny' && call.decision.override !== 'deny') {
      this.override(call, 'deny', BY_OTHER_LEG);
      this.#parts.onDecided(call, DENIED_BY_LEG);
    } else this.#spread(call, 'auto', BY_POLICY);
  }

  /** The call's facts changed, or a call flow asks for a new part. */
  again(
    call: RecordedCall,
    { isNewPart = false, asker = BY_POLICY }: { isNewPart?: boolean; asker?: Asker } = {},
  ): void {
    const before = call.decision;
    call.decision = redecide(before, call.facts.call, this.#settings);
    const isBlind = call.facts.call.parties.length === 0;
    const decided = { before, now: call.decision, isNewPart, isBlind, asker };
    const steps = follow(call.past, decided);
    this.#parts.steps.takeLazily(call, steps);
    this.#spread(call, before.override ?? 'auto', asker);
  }

  /** Lays an override over the facts of a leg and decides it again, and the others with it. The leg's own decision is for the caller to journal. */
  override(call: RecordedCall, value: Override, asker: Asker): void {
    this.#parts.steps.takeLazily(call, [{ do: 'override', value, asker }]);
    call.lay();
    this.again(call, { asker });
  }

  #spread(call: RecordedCall, before: Override, asker: Asker): void {
    const { conversations, running, onDecided } = this.#parts;
    const { conversationId } = call.identity;
    const now = call.decision.override ?? 'auto';
    if (now === before) return;
    conversations.setOverride(conversationId, now);
    const isCommand = asker !== BY_POLICY && asker !== BY_OTHER_LEG;
    if (now !== 'deny' && !isCommand) return;
    for (const other of running()) {
      const isLeg = other.identity.conversationId === conversationId && other.phase === 'running';
      if (!isLeg || other.decision.override === now) continue;
      this.override(other, now, isCommand ? asker : BY_OTHER_LEG);
      onDecided(other, now === 'deny' ? DENIED_BY_LEG : `The override ${now} holds for the conversation.`);
    }
  }
}

/** The recordings that a call opens with. */
export function openingSteps(call: RecordedCall): ReturnType<typeof follow> {
  const isBlind = call.facts.call.parties.length === 0;
  const decided = { before: null, now: call.decision, isNewPart: false, isBlind, asker: BY_POLICY };
  // Its ports were bound before it was answered: what came early is of the recording.
  return follow(call.past, decided).map((step) => (step.do === 'begun' ? { ...step, fromMono: 0 } : step));
}
