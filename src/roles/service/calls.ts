import type { Clock, Timer } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { LinkClient } from '../../link/client.ts';
import type { LiveCall, StatusMessage, ToService } from '../../link/messages.ts';
import type { PolicySettings } from '../../policy/types.ts';
import { VERSION } from '../version.ts';

const REPEAT_MS = 5000;

export interface RecorderSideOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The settings the recorder shall decide by; asked at each connection. */
  readonly settings: () => PolicySettings | null;
  readonly onJournal: (file: string, offset: number) => void;
  readonly onAway: () => void;
}

/** The recorder as the service sees it: what is live, what it says of itself, and what it must be told until it confirms. */
export class RecorderSide {
  readonly #options: RecorderSideOptions;
  readonly #link: LinkClient;
  readonly #unconfirmed = new Set<string>();
  readonly #listeners = new Set<(calls: readonly LiveCall[]) => void>();
  #calls: readonly LiveCall[] = [];
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
      onLost: () => options.onAway(),
    });
    this.#repeatLater();
  }

  /** Says that the call's audio may be freed, until the recorder confirms. */
  archived(callId: string): void {
    this.#unconfirmed.add(callId);
    this.#link.send({ type: 'archived', callId });
  }

  tellSettings(): void {
    const settings = this.#options.settings();
    if (settings !== null) this.#link.send({ type: 'snapshot', settings });
  }

  calls(): readonly LiveCall[] {
    return this.#calls;
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

  subscribe(listener: (calls: readonly LiveCall[]) => void): () => void {
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
      case 'live':
        this.#calls = message.calls;
        for (const listener of this.#listeners) listener(message.calls);
        break;
      case 'answer':
        break;
    }
  }
}
