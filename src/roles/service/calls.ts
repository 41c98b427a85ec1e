import type { CallsChange } from '../../api/context.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import { opaqueId, systemRandom } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { TrunkConfig } from '../../base/trunks.ts';
import { LinkClient } from '../../link/client.ts';
import type { Command, CommandAnswer, LiveCall, StatusMessage, ToService } from '../../link/messages.ts';
import type { PolicySettings } from '../../policy/types.ts';
import { VERSION } from '../version.ts';
import { LiveCalls } from './live-calls.ts';

const REPEAT_MS = 5000;
/** A command that is not answered by then may or may not be done. */
const ANSWER_MS = 5000;

export interface RecorderSideOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
  /** What the recorder shall decide by, and whom it takes calls from; asked at each connection. */
  readonly settings: () => { readonly snapshot: PolicySettings | null; readonly trunks: readonly TrunkConfig[] };
  readonly onJournal: (file: string, offset: number) => void;
  readonly onAway: () => void;
}

/** The recorder as the service sees it: what is live, what it says of itself, and what it must be told until it confirms. */
export class RecorderSide {
  readonly #options: RecorderSideOptions;
  readonly #link: LinkClient;
  readonly #unconfirmed = new Set<string>();
  readonly #listeners = new Set<(change: CallsChange) => void>();
  readonly #asked = new Map<string, (answer: CommandAnswer) => void>();
  readonly #calls = new LiveCalls();
  #hello: { nodeId: string; version: string } | null = null;
  #status: StatusMessage | null = null;
  #repeat: Timer | undefined;

  constructor(options: RecorderSideOptions) {
    this.#options = options;
    this.#link = new LinkClient({
      path: options.path,
      hello: { type: 'hello', pid: process.pid, version: VERSION },
      clock: options.clock,
      onConnect: () => this.#connected(),
      onMessage: (message) => this.#take(message),
      onLost: () => {
        for (const [id, answer] of this.#asked) answer(unanswered(id, 'The recorder went away before it answered.'));
        options.onAway();
      },
    });
    this.#repeatLater();
  }

  /** Says that the call's audio may be freed, until the recorder confirms. */
  archived(callId: string): void {
    this.#unconfirmed.add(callId);
    this.#link.send({ type: 'archived', callId });
  }

  tellSettings(): void {
    const { snapshot, trunks } = this.#options.settings();
    if (snapshot !== null) this.#link.send({ type: 'snapshot', settings: snapshot, trunks });
  }

  /** Has something done in a call. Never rejects: what stood in the way is in the answer. */
  command(command: Command): Promise<CommandAnswer> {
    const id = opaqueId(systemRandom);
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(ANSWER_MS, () => answer(unanswered(id, 'The recorder does not answer.')));
      const answer = (given: CommandAnswer): void => {
        timer.cancel();
        this.#asked.delete(id);
        resolve(given);
      };
      this.#asked.set(id, answer);
      if (!this.#link.send({ type: 'command', id, command })) answer(unanswered(id, 'The recorder does not run now.'));
    });
  }

  calls(): readonly LiveCall[] {
    return this.#calls.all();
  }

  status() {
    const away = !this.#link.connected;
    return {
      state: away ? ('away' as const) : (this.#status?.state ?? 'starting'),
      nodeId: this.#hello?.nodeId ?? null,
      version: this.#hello?.version ?? null,
      message: this.#status,
    };
  }

  subscribe(listener: (change: CallsChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#repeat?.cancel();
    this.#link.close();
  }

  #connected(): void {
    this.tellSettings();
    this.#sayUnconfirmed();
  }

  #sayUnconfirmed(): void {
    for (const callId of this.#unconfirmed) this.#link.send({ type: 'archived', callId });
  }

  #repeatLater(): void {
    this.#repeat = this.#options.clock.after(REPEAT_MS, () => {
      this.#sayUnconfirmed();
      this.#repeatLater();
    });
  }

  #take(message: ToService): void {
    switch (message.type) {
      case 'hello':
        this.#hello = message;
        break;
      case 'journal':
        this.#options.onJournal(message.file, message.offset);
        break;
      case 'archived-confirmed':
        this.#unconfirmed.delete(message.callId);
        break;
      case 'status':
        this.#status = message;
        break;
      case 'live': {
        const change = this.#calls.take(message);
        if (change.calls.length > 0 || change.over.length > 0) for (const listener of this.#listeners) listener(change);
        break;
      }
      case 'answer':
        this.#asked.get(message.id)?.(message);
        break;
    }
  }
}

function unanswered(id: string, text: string): CommandAnswer {
  return { type: 'answer', id, ok: false, code: 'UNAVAILABLE', text };
}
