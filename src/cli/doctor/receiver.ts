import type { Config } from '../../base/config.ts';
import { loadReceiver } from '../../recording/capture/source/addon.ts';
import { ok, warning, type Finding } from './finding.ts';

/** Whether a recorder that starts now would read media in batches, if it may. */
export function canReceiveBatches(config: Config): boolean {
  return config.rtp.receiver === 'auto' && loadReceiver().addon !== null;
}

/** How media is received; a running recorder knows, another one would. */
export function receiverFinding(config: Config, isBatch: boolean): Finding {
  if (isBatch) return ok('receiver', 'Media is read in batches.');
  if (config.rtp.receiver === 'node') return ok('receiver', 'Media is read by Node’s own sockets, as it is set.');
  const loaded = loadReceiver();
  const reason = loaded.addon === null ? loaded.reason : 'the recorder was started before it was there';
  return warning(
    'receiver',
    `Media is read by Node’s own sockets, which carry fewer calls: ${reason}.`,
    'For hundreds of calls: install a C compiler, run `npm run build:native`, start again.',
  );
}
