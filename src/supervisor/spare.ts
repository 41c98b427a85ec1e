import type { ChildProcess } from 'node:child_process';
import { spawnChild, type ChildSpec, type RunningProcess } from './process.ts';
import { LOADED, TAKE_OVER } from './turn.ts';

/** Loading takes half a second; on a machine that does nothing else but suffer, twenty times as long. */
const LOAD_MS = 30_000;

/**
 * A process that has loaded the program and waits to take the place of the one that runs, so that nothing is loaded while calls wait. It goes
 * by itself when its supervisor does, until it is told to take over.
 */
export class Spare {
  /** Whether it came so far; false: it ended before, or takes too long. */
  readonly loaded: Promise<boolean>;
  readonly #child: ChildProcess;
  readonly #running: RunningProcess;
  #state: 'loading' | 'loaded' | 'gone' = 'loading';

  private constructor(child: ChildProcess, running: RunningProcess) {
    this.#child = child;
    this.#running = running;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.loaded = promise;
    const tooLate = setTimeout(() => this.discard(), LOAD_MS);
    const settle = (state: 'loaded' | 'gone'): void => {
      clearTimeout(tooLate);
      if (this.#state !== 'gone') this.#state = state;
      resolve(this.#state === 'loaded');
    };
    child.on('message', (message) => {
      if (message === LOADED) settle('loaded');
    });
    // What is sent to one that just ended fails; its end tells the rest.
    child.on('error', () => undefined);
    void running.exited.then(() => settle('gone'));
  }

  /** Null when there is no such program. */
  static start(spec: ChildSpec): Spare | null {
    const started = spawnChild(spec, ['inherit', 'inherit', 'inherit', 'ipc']);
    if (started === null) return null;
    return new Spare(started.child, started.running);
  }

  /** Who it is, while it stands by; null when it is not ready, or no more. */
  get ready(): RunningProcess | null {
    return this.#state === 'loaded' ? this.#running : null;
  }

  /** Its turn. From then on it stands for itself and outlives its supervisor. */
  takeOver(): void {
    this.#state = 'gone';
    this.#child.send(TAKE_OVER, () => {
      if (this.#child.connected) this.#child.disconnect();
    });
  }

  discard(): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    this.#running.kill();
  }
}
