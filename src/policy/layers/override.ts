import type { LayerWord, Override } from '../types.ts';

const VALUES: readonly Override[] = ['auto', 'force', 'deny', 'manual'];

/** The override in force (D2): this leg's own, else the inherited one. A `deny` holds for the rest of the call, whatever comes later. */
export function overrideInForce(text: string | undefined, inherited: Override): Override {
  if (inherited === 'deny' || text === undefined || text.trim() === '') return inherited;
  return readOverride(text) ?? inherited;
}

function readOverride(text: string): Override | undefined {
  const value = text.trim().toLowerCase();
  return VALUES.find((one) => one === value);
}

export function overrideWord(text: string | undefined, override: Override, inherited: Override): LayerWord {
  return { layer: 'override', ...sentence(text?.trim() ?? '', override, inherited) };
}

function sentence(text: string, override: Override, inherited: Override): Pick<LayerWord, 'says' | 'why'> {
  const given = readOverride(text);
  const origin = given === override ? 'The call carries' : 'The call inherits from an earlier leg';
  switch (override) {
    case 'deny':
      return { says: 'forbid', why: `${origin} the override deny: nobody may record it, whatever the settings say.` };
    case 'force':
      return { says: 'record', why: `${origin} the override force: it is recorded, whatever the settings say.` };
    case 'manual':
      return {
        says: 'offer',
        why: `${origin} the override manual: nothing is recorded by itself, but people may record by hand.`,
      };
    case 'auto': {
      if (text === '') return { says: 'nothing', why: 'The call carries no override, so the settings decide.' };
      if (given === undefined) {
        const value = text.length > 40 ? `${text.slice(0, 40)}…` : text;
        return {
          says: 'nothing',
          why: `The override "${value}" is not known (auto, force, deny, manual); the settings decide.`,
        };
      }
      const before = inherited === 'auto' ? '' : ` in place of the ${inherited} of an earlier leg`;
      return { says: 'nothing', why: `The call carries the override auto${before}: the settings decide.` };
    }
  }
}
