import type { Clock } from '../../base/clock.ts';
import type { Config } from '../../base/config.ts';
import type { Log } from '../../base/log.ts';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import { EVERYTHING } from '../../catalogue/reach.ts';
import { diskSpace, DiskWatch } from '../../upkeep/disk.ts';
import { forgetOldCalls } from '../../upkeep/forget.ts';
import { Loop } from '../../upkeep/loop.ts';
import { retentionLoop } from '../../upkeep/retention.ts';
import { sweepOrphans } from '../../upkeep/sweep.ts';
import type { Vault } from '../../vault/vault.ts';

const SWEEP_EVERY_MS = 6 * 3_600_000;
const FORGET_EVERY_MS = 3_600_000;
const DISK_EVERY_MS = 10 * 60_000;
const CHANGES_KEPT_MS = 24 * 3_600_000;

export interface Upkeep {
  readonly disk: DiskWatch;
  stop(): Promise<void>;
}

/** The service's regular work: retention, sweeping, looking at the disk. */
export function startUpkeep(parts: {
  config: Config;
  catalogue: Catalogue;
  vault: Vault;
  clock: Clock;
  log: Log;
  dataDir: string;
}): Upkeep {
  const { config, catalogue, vault, clock, log, dataDir } = parts;
  const disk = new DiskWatch(config.limits.minFreeMegabytes * 1024 * 1024);
  const loops = [
    retentionLoop({ vault, catalogue, clock, log }),
    new Loop(clock, log, {
      name: 'sweep',
      ms: SWEEP_EVERY_MS,
      task: async () => {
        const isCatalogued = async (id: string) => (await catalogue.getRecording(EVERYTHING, id)) !== null;
        await sweepOrphans({ vault, log, isCatalogued }, clock.now());
        await catalogue.pruneChanges(new Date(clock.now() - CHANGES_KEPT_MS));
      },
    }),
    new Loop(clock, log, {
      name: 'calls',
      ms: FORGET_EVERY_MS,
      task: async () => void (await forgetOldCalls({ catalogue, clock, log })),
    }),
    new Loop(clock, log, {
      name: 'disk',
      ms: DISK_EVERY_MS,
      task: async () => disk.take(clock.mono(), await diskSpace(dataDir)),
    }),
  ];
  for (const loop of loops) void loop.run();
  return {
    disk,
    stop: async () => void (await Promise.all(loops.map((loop) => loop.stop()))),
  };
}
