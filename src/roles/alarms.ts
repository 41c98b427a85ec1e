import type { Log } from '../base/log.ts';

/** What an administrator should know now, by code; each begins and ends with a line in the log. */
export class Alarms {
  readonly #active = new Map<string, string>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Null: it is over. */
  set(code: string, text: string | null): void {
    const was = this.#active.get(code);
    if (text === null) {
      if (this.#active.delete(code)) this.#log.info({ code }, 'alarm is over');
      return;
    }
    this.#active.set(code, text);
    if (was === undefined) this.#log.error({ code, text }, 'alarm');
  }

  get list(): { readonly code: string; readonly text: string }[] {
    return [...this.#active].map(([code, text]) => ({ code, text }));
  }
}
