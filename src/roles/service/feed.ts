import type { FeedEvent } from '../../api/context.ts';
import { messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { Change, ChangeMark } from '../../catalogue/changes.ts';
import type { Watch } from '../../catalogue/watch.ts';

/** Recordings that came or went, on this node or another, as the catalogue's change list tells it. */
export class RecordingFeed {
  readonly #catalogue: Catalogue;
  readonly #log: Log;
  readonly #onSettings: () => void;
  readonly #listeners = new Set<(event: FeedEvent) => void>();
  #mark: ChangeMark;
  #watch: Watch | undefined;
  #reading = false;
  #again = false;

  private constructor(catalogue: Catalogue, log: Log, mark: ChangeMark, onSettings: () => void) {
    this.#catalogue = catalogue;
    this.#log = log;
    this.#mark = mark;
    this.#onSettings = onSettings;
  }

  static async open(catalogue: Catalogue, log: Log, onSettings: () => void): Promise<RecordingFeed> {
    const feed = new RecordingFeed(catalogue, log, await catalogue.currentMark(), onSettings);
    feed.#watch = catalogue.watch(() => void feed.#read());
    return feed;
  }

  subscribe(listener: (event: FeedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    await this.#watch?.close();
  }

  async #read(): Promise<void> {
    this.#again = true;
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#again) {
        this.#again = false;
        const { changes, mark } = await this.#catalogue.changesSince(this.#mark);
        this.#mark = mark;
        for (const change of changes) this.#tell(change);
        if (changes.length > 0) this.#again = true;
      }
    } catch (error) {
      this.#log.warn({ error: messageOf(error) }, 'changes of the catalogue could not be read');
    } finally {
      this.#reading = false;
    }
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
