import { explain } from '../../policy/explain.ts';
import type { Decided } from '../../policy/types.ts';
import type { Explanation } from './schema.ts';

/** A decision for people and programs (D10). */
export function explanationOf(decision: Decided): Explanation {
  const lines = explain(decision);
  const { controls } = decision;
  const control = (name: keyof typeof controls) => ({ ...controls[name], userIds: [...controls[name].userIds] });
  return {
    verdict: decision.verdict,
    summary: lines[0] ?? '',
    lines,
    layers: decision.layers.map((word) => ({ ...word })),
    parties: decision.parties.map((party) => ({
      id: party.id,
      number: party.number ?? null,
      side: party.side,
      userId: party.userId ?? null,
      userName: party.userName ?? null,
      deviceId: party.deviceId ?? null,
      by: party.by ?? null,
    })),
    controls: {
      start: control('start'),
      stop: control('stop'),
      stopAutomatic: control('stopAutomatic'),
      pause: control('pause'),
      resume: control('resume'),
      keep: control('keep'),
    },
    terms: termsOf(decision),
    settingsVersion: decision.settingsVersion,
  };
}

function termsOf(decision: Decided): Explanation['terms'] {
  return {
    direction: decision.direction,
    override: decision.override,
    scope: decision.scope,
    asks: decision.asks.map(({ layer, name, silencedBy }) => ({ layer, name, isSilenced: silencedBy !== undefined })),
    owner: decision.owner,
    longestSeconds: decision.longestSeconds,
    format: decision.format,
    storeId: decision.storeId,
    retention: decision.retention,
    deliveries: [...decision.deliveries],
    announcement: decision.announcement,
    pauseMode: decision.pauseMode,
    resumeAfterSeconds: decision.resumeAfterSeconds,
    liveKeepMinutes: decision.liveKeepMinutes,
  };
}
