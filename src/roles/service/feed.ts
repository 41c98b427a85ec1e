import type { FeedEvent } from '../../api/context.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { Change, ChangeMark } from '../../catalogue/changes.ts';
import type { Watch } from '../../catalogue/watch.ts';

/** Changes come in crowds when many calls end: they are read together, this long after the first. */
const GATHER_MS = 100;

type FeedCatalogue = Pick<Catalogue, 'currentMark' | 'changesSince' | 'watch'>;

export interface FeedParts {
  readonly catalogue: FeedCatalogue;
  readonly clock: Clock;
  readonly log: Log;
  readonly onSettings: () => void;
}

/** Recordings that came or went, on this node or another, as the catalogue's change list tells it. */
export class RecordingFeed {
  readonly #catalogue: FeedCatalogue;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onSettings: () => void;
  readonly #listeners = new Set<(event: FeedEvent) => void>();
  #mark: ChangeMark;
  #watch: Watch | undefined;
  #reading = false;
  #again = false;
  #gathering: Timer | null = null;

  private constructor({ catalogue, clock, log, onSettings }: FeedParts, mark: ChangeMark) {
    this.#catalogue = catalogue;
    this.#clock = clock;
    this.#log = log;
    this.#mark = mark;
    this.#onSettings = onSettings;
  }

  static async open(parts: FeedParts): Promise<RecordingFeed> {
    const feed = new RecordingFeed(parts, await parts.catalogue.currentMark());
    feed.#watch = parts.catalogue.watch(() => feed.#gather());
    return feed;
  }

  subscribe(listener: (event: FeedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#gathering?.cancel();
    await this.#watch?.close();
  }

  #gather(): void {
    this.#again = true;
    if (this.#reading || this.#gathering !== null) return;
    this.#gathering = this.#clock.after(GATHER_MS, () => {
      this.#gathering = null;
      void this.#read();
    });
  }

  async #read(): Promise<void> {
    this.#reading = true;
    this.#again = false;
    try {
      const { changes, mark, more } = await this.#catalogue.changesSince(this.#mark);
      this.#mark = mark;
      for (const change of changes) this.#tell(change);
      // What an open transaction may still precede is looked for again.
      if (more) this.#again = true;
    } catch (error) {
      this.#log.warn({ error: messageOf(error) }, 'changes of the catalogue could not be read');
    }
    this.#reading = false;
    if (this.#again) this.#gather();
  }

  #tell(change: Change): void {
    const { kind, subject, accountId } = change;
    if (kind === 'setting.changed') this.#onSettings();
    if (kind === 'recording.created') this.#emit({ type: kind, id: subject });
    if (kind === 'recording.deleted') this.#emit({ type: kind, id: subject, accountId });
  }

  #emit(event: FeedEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
