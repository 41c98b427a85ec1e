import { syncFolder } from './durable.ts';

/**
 * Makes names in folders durable. Recordings that are made at once ask for the same folders at the same time: whoever asks while one is being
 * synced shares the next sync with all others who wait, and never one that had begun before he asked.
 */
export class FolderSyncs {
  readonly #sync: (path: string) => Promise<void>;
  readonly #running = new Map<string, Promise<void>>();
  readonly #waiting = new Map<string, Promise<void>>();

  constructor(sync: (path: string) => Promise<void> = syncFolder) {
    this.#sync = sync;
  }

  sync(path: string): Promise<void> {
    const running = this.#running.get(path);
    if (running === undefined) return this.#start(path);
    const waiting = this.#waiting.get(path) ?? this.#after(running, path);
    this.#waiting.set(path, waiting);
    return waiting;
  }

  #after(running: Promise<void>, path: string): Promise<void> {
    const begin = (): Promise<void> => {
      this.#waiting.delete(path);
      return this.#start(path);
    };
    return running.then(begin, begin);
  }

  #start(path: string): Promise<void> {
    const running = this.#sync(path).finally(() => this.#running.delete(path));
    this.#running.set(path, running);
    return running;
  }
}
