import { setTimeout as pause } from 'node:timers/promises';
import { noise, seededNumbers } from '../e2e/noise.ts';
import { RecordedSession } from '../e2e/recorded-session.ts';
import type { RecordingClient } from '../e2e/recording-client.ts';
import { placeNoise } from './placed-calls.ts';

const PACKETS_A_SECOND = 50;

/** Calls of every kind, so many at once, one after the other, until it is told to stop. */
export class SoakLoad {
  readonly #client: RecordingClient;
  readonly #random = seededNumbers(2026);
  #isOver = false;
  started = 0;
  failed = 0;
  lastFailure = '';

  constructor(client: RecordingClient) {
    this.#client = client;
  }

  /** Resolves when all calls have ended. */
  async run(atOnce: number): Promise<void> {
    await Promise.all(Array.from({ length: atOnce }, (_, slot) => this.#keepCalling(slot)));
  }

  stop(): void {
    this.#isOver = true;
  }

  async #keepCalling(slot: number): Promise<void> {
    await pause(slot * 400);
    while (!this.#isOver) {
      this.started += 1;
      await this.#one(this.started).catch((error: unknown) => {
        this.failed += 1;
        this.lastFailure = String(error);
      });
    }
  }

  async #one(seed: number): Promise<void> {
    const seconds = 4 + Math.floor(16 * this.#random());
    const kind = this.#random();
    if (kind < 0.7) return void (await placeNoise(this.#client, seed, seconds * PACKETS_A_SECOND));
    const from = `+1555${String(seed).padStart(6, '0')}`;
    const session = await RecordedSession.open(this.#client, { from });
    const [left, right] = [noise(seed, 2 * PACKETS_A_SECOND), noise(seed + 1, 2 * PACKETS_A_SECOND)];
    if (kind < 0.8) return this.#held(session, left, right);
    if (kind < 0.9) return this.#abandoned(session, left, right);
    // Nobody says a word.
    await pause(2000);
    return session.end();
  }

  async #held(session: RecordedSession, left: Buffer, right: Buffer): Promise<void> {
    await session.speak(left, right);
    await session.change('inactive');
    await pause(1000);
    await session.change('sendonly');
    await session.speak(left, right);
    await session.end();
  }

  /** No BYE: silence has to end it. */
  async #abandoned(session: RecordedSession, left: Buffer, right: Buffer): Promise<void> {
    await session.speak(left, right);
    for (const stream of session.streams) stream.close();
  }
}
