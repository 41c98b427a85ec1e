import type { CallFacts, Decision, LayerWord, PolicySettings } from './types.ts';

/**
 * Whether a call is recorded, and why (D10). Pure: the same facts and settings give the same decision. Without settings the call is
 * held sealed until some arrive, so that nothing is lost and nothing is kept without a reason.
 */
export function decide(facts: CallFacts, settings: PolicySettings | null): Decision {
  const account = settings?.accounts[0];
  if (settings === null || account === undefined) {
    return {
      verdict: 'hold',
      accountId: '',
      settingsVersion: 0,
      layers: [
        {
          layer: 'settings',
          says: 'hold',
          why: 'No settings have reached the recorder yet; the call is held sealed until they do.',
        },
      ],
    };
  }
  const word = recordAllLayer(account.name, account.recordAll, facts);
  return {
    verdict: word.says === 'nothing' ? 'ignore' : word.says,
    accountId: account.id,
    settingsVersion: settings.version,
    layers: [word],
  };
}

function recordAllLayer(account: string, recordAll: boolean, facts: CallFacts): LayerWord {
  if (recordAll) {
    return {
      layer: 'record-all',
      says: 'record',
      why: `Account ${account} records all calls; this one came by trunk ${facts.trunk}.`,
    };
  }
  return {
    layer: 'record-all',
    says: 'nothing',
    why: `Account ${account} does not record all calls, and nothing else asks for this one.`,
  };
}
