import { readFileSync } from 'node:fs';
import { messageOf, systemCode } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { readTrunks, type TrunkConfig } from '../../base/trunks.ts';
import { type Denial, type TrunkFinder, trunkFinder } from '../../sip/agent/trunks.ts';
import type { Source } from '../../sip/transport/types.ts';

export interface TrunkBookParts {
  /** The trunks of the settings file; they go before those made while it runs. */
  readonly fromFile: readonly TrunkConfig[];
  /** PEM of the authorities for client certificates on trunks without their own; null: none. */
  readonly clientCa: string | null;
  /** Where the trunks made while it runs are kept, so that a restarted recorder knows them before the service is there. */
  readonly path: string;
  /** Durable when it returns. */
  readonly save: (path: string, text: string) => void;
  readonly log: Log;
  readonly alarm: (code: string, text: string | null) => void;
}

const ALARM = 'trunks-unreadable';

/** All trunks that calls may come from: those of the settings file, and those that people make while it runs. */
export class TrunkBook {
  readonly #parts: TrunkBookParts;
  /** The ones made while it runs, as they were sent; null = none could be read yet. */
  #sent: string | null = null;
  #trunks: readonly TrunkConfig[];
  #find: TrunkFinder;

  constructor(parts: TrunkBookParts) {
    this.#parts = parts;
    this.#trunks = parts.fromFile;
    this.#find = trunkFinder(parts.fromFile, parts.clientCa);
    this.#load();
  }

  find(source: Source): TrunkConfig | undefined {
    return this.#find(source);
  }

  whyNot(source: Source): Denial | undefined {
    return this.#find.whyNot(source);
  }

  /** PEM texts of all authorities that clients' certificates may come from. */
  get authorities(): readonly string[] {
    const own = this.#trunks.flatMap(({ tlsCa }) => tlsCa ?? []);
    return [...new Set([...own, ...(this.#parts.clientCa === null ? [] : [this.#parts.clientCa])])];
  }

  /** New trunks from the service. What cannot be read changes nothing and raises an alarm. Running calls stay as they are. */
  take(trunks: unknown): void {
    const sent = JSON.stringify(trunks);
    if (sent === this.#sent) return;
    const { path, save, log } = this.#parts;
    const before = this.authorities;
    if (!this.#use(trunks, sent)) return;
    if (this.authorities.some((pem) => !before.includes(pem)))
      log.warn({}, 'a trunk brought authorities of its own; certificates by them are taken after the next reload');
    try {
      save(path, sent);
    } catch (error) {
      log.error({ error: messageOf(error) }, 'the trunks could not be kept on disk');
    }
  }

  #load(): void {
    const { path } = this.#parts;
    try {
      const text = readFileSync(path, 'utf8');
      this.#use(JSON.parse(text), text);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') this.#refuse(messageOf(error));
    }
  }

  #use(trunks: unknown, sent: string): boolean {
    const { fromFile, clientCa, alarm } = this.#parts;
    try {
      const read = readTrunks(trunks);
      const names = new Set(fromFile.map((trunk) => trunk.name));
      const all = [...fromFile, ...read.filter((trunk) => !names.has(trunk.name))].toSorted(namedFirst);
      this.#find = trunkFinder(all, clientCa);
      this.#trunks = all;
    } catch (error) {
      this.#refuse(messageOf(error));
      return false;
    }
    this.#sent = sent;
    alarm(ALARM, null);
    return true;
  }

  #refuse(why: string): void {
    this.#parts.alarm(ALARM, `Trunks that were set cannot be read: ${why} The last good ones stay in force.`);
  }
}

/** The trunk of an installation that has set none takes any private address, so every other one is asked before it. */
function namedFirst(a: TrunkConfig, b: TrunkConfig): number {
  return Number(a.name === 'default') - Number(b.name === 'default');
}
