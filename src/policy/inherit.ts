import type { Case } from './layers/case.ts';
import { externalAnchors } from './layers/number.ts';
import type { Ask, LayerWord } from './types.ts';

/**
 * What asked before goes on asking under its scope (D11): for the call; while the external party that it began with is there; while
 * its endpoint is there, which the layers say anew. While the signalling names nobody, everything holds.
 */
export function inheritAsks(
  before: readonly Ask[],
  now: readonly Ask[],
  one: Case,
): { asks: Ask[]; words: LayerWord[] } {
  const fresh = new Map(now.map((ask) => [keyOf(ask), ask]));
  const present = new Set(externalAnchors(one));
  const isBlind = one.facts.parties.length === 0;
  const words: LayerWord[] = [];
  for (const ask of before) {
    const key = keyOf(ask);
    const again = fresh.get(key);
    if (ask.layer === 'override' || (ask.layer === 'flow' && one.facts.flow?.step === 'stop')) continue;
    if (ask.scope === 'external-party' && ask.anchors.length > 0) {
      const isThere = isBlind || ask.anchors.some((anchor) => present.has(anchor));
      fresh.set(key, { ...(again ?? without(ask)), anchors: ask.anchors, ...(isThere ? {} : { silencedBy: LEFT }) });
      if (!isThere)
        words.push(
          word('nothing', `${ask.name} asked for as long as its external party was in the call, which has left.`),
        );
      else if (again === undefined)
        words.push(word('record', `${ask.name} goes on asking: its external party is still in the call.`));
    } else if (again === undefined && (ask.scope === 'call' || isBlind)) {
      fresh.set(key, without(ask));
      words.push(word('record', `${ask.name} goes on asking, for the whole call.`));
    } else if (again === undefined) {
      words.push(
        word('nothing', `${ask.name} asked while its user was in the call and its setting applied; that is over.`),
      );
    }
  }
  return { asks: [...fresh.values()], words };
}

const LEFT = 'its external party has left';

function keyOf(ask: Ask): string {
  return `${ask.layer}:${ask.id}`;
}

function without(ask: Ask): Ask {
  const { silencedBy: _, ...speaking } = ask;
  return speaking;
}

function word(says: LayerWord['says'], why: string): LayerWord {
  return { layer: 'transfer', says, why };
}
