import { loadReceiver } from './addon.ts';
import { BatchSource } from './batch.ts';
import { NodeSource, type SourceOptions } from './node.ts';
import type { PacketSource } from './source.ts';

/** `auto`: in batches, where the add-on can be had. */
export type WantedReceiver = 'auto' | 'node';
export type Receiver = 'batch' | 'node';

export interface ChosenSource {
  readonly source: PacketSource;
  readonly receiver: Receiver;
  /** Why it is not the better one, though that was wanted. */
  readonly reason: string | null;
}

export function chooseSource(wanted: WantedReceiver, options: SourceOptions): ChosenSource {
  const node = (reason: string | null): ChosenSource => ({ source: new NodeSource(options), receiver: 'node', reason });
  if (wanted === 'node') return node(null);
  const loaded = loadReceiver();
  if (loaded.addon === null) return node(loaded.reason);
  return { source: new BatchSource(loaded.addon, options), receiver: 'batch', reason: null };
}
