import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Log } from '../base/log.ts';
import { messageOf, systemCode } from '../base/errors.ts';
import { snapshotFault } from '../policy/snapshot.ts';
import type { PolicySettings } from '../policy/types.ts';

/** The last policy snapshot on disk, so that a restarted recorder decides by it before the service is there. */
export class SettingsFile {
  readonly #path: string;
  readonly #log: Log;

  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
  }

  /** Null when there is none, or none that can be read: calls are held then. */
  load(): PolicySettings | null {
    try {
      const value: unknown = JSON.parse(readFileSync(this.#path, 'utf8'));
      const fault = snapshotFault(value);
      if (fault === null) return value as PolicySettings;
      this.#log.error(
        { path: this.#path, fault },
        'the settings snapshot has not the right form; calls are held until one arrives',
      );
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') {
        this.#log.error(
          { path: this.#path, error: messageOf(error) },
          'the settings snapshot cannot be read; calls are held until one arrives',
        );
      }
    }
    return null;
  }

  /** Durable when it returns; a crash leaves the old one or the new one. */
  save(settings: PolicySettings): void {
    saveDurably(this.#path, JSON.stringify(settings));
  }
}

/** Writes a small file that only we may read. Durable when it returns; a crash leaves the old one or the new one. */
export function saveDurably(path: string, text: string): void {
  const draft = `${path}.new`;
  const file = openSync(draft, 'w', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
