import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { messageOf } from '../../../base/errors.ts';

/** native/receiver.c as JavaScript sees it. */
export interface ReceiverAddon {
  open(): unknown;
  /** @returns the slot, or a negative errno */
  bind(receiver: unknown, address: string, port: number, receiveBufferBytes: number): number;
  /** Reads one slot, or all (-1). @returns rows in the table; the last row of the table tells whether there is more */
  receive(receiver: unknown, slot: number, packets: Buffer, table: Int32Array): number;
  /** @returns datagrams that the kernel threw away on it since it was bound */
  close(receiver: unknown, slot: number): number;
}

/** The words of a row of the table; the same as in native/receiver.c. */
export const ROW = {
  slot: 0,
  offset: 1,
  length: 2,
  ageUs: 3,
  isSamePeer: 4,
  dropped: 5,
  isSix: 6,
  port: 7,
  address: 8,
  words: 12,
} as const;

/** The words of the table's last row; `now` is what ages count back from, µs of the monotonic clock. */
export const LAST = { isDone: 0, failure: 1, failedSlot: 2, nowLow: 3, nowHigh: 4 } as const;

const NATIVE = new URL('../../../../native/', import.meta.url).pathname;
export const ADDON_SOURCE = join(NATIVE, 'receiver.c');

/** Where the add-on of this very source and machine is built: another version's is never loaded. */
export function addonPath(): string {
  const version = createHash('sha256').update(readFileSync(ADDON_SOURCE)).digest('hex').slice(0, 16);
  return join(NATIVE, 'build', `receiver-${version}-${process.platform}-${process.arch}.node`);
}

export type LoadedAddon = { readonly addon: ReceiverAddon } | { readonly addon: null; readonly reason: string };

/** The add-on, where it was built and can be used here. */
export function loadAddon(): LoadedAddon {
  if (process.platform !== 'linux') return { addon: null, reason: `it is not for ${process.platform}` };
  try {
    const path = addonPath();
    if (!existsSync(path)) return { addon: null, reason: 'it has not been built here' };
    return { addon: createRequire(import.meta.url)(path) as ReceiverAddon };
  } catch (error) {
    return { addon: null, reason: `it cannot be loaded: ${messageOf(error)}` };
  }
}
