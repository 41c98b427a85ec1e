import { loadAddon, type LoadedAddon } from '../../../base/addon.ts';

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

/** The batch receiver, where it was built and can be used here; else why not. */
export function loadReceiver(): LoadedAddon<ReceiverAddon> {
  return loadAddon('receiver');
}
