import type { CompiledAccount } from '../compile.ts';
import type { Identified } from '../identify.ts';
import type { Ask, CallFacts, LayerWord } from '../types.ts';
import type { View } from '../view.ts';

/** The call before the layers: what is known, and how each side of the account sees it. */
export interface Case {
  readonly facts: CallFacts;
  readonly known: Identified;
  readonly account: CompiledAccount;
  /** Of users and devices. */
  readonly endpoints: readonly View[];
  /** Of the account as a whole. */
  readonly whole: readonly View[];
}

/** What a layer that may ask for automatic recording says. */
export interface LayerAnswer {
  readonly words: readonly LayerWord[];
  readonly asks: readonly Ask[];
}

/** The layer has something to do with the call, but does not ask. */
export function silent(layer: string, why: string): LayerAnswer {
  return { words: [{ layer, says: 'nothing', why }], asks: [] };
}

export function asking(layer: string, why: string, asks: readonly Ask[]): LayerAnswer {
  return { words: [{ layer, says: 'record', why }], asks };
}
