import type { Command } from 'commander';
import { rebuildCatalogue } from '../../archive/rebuild.ts';
import { readVault } from '../../vault/vault.ts';
import type { CommandContext } from '../context.ts';
import { withCatalogue } from '../database.ts';

export function rebuildCommand(program: Command, context: CommandContext): void {
  program
    .command('rebuild')
    .description('fill the catalogue of recordings from the manifests in the vault; may be run again')
    .option('--json', 'for programs')
    .action(async (options: { json?: boolean }) => {
      const config = context.config();
      const vault = await readVault(config.dataDir);
      const report = await withCatalogue(config, (catalogue) => rebuildCatalogue(vault, catalogue));
      context
        .output(options)
        .result(report, () =>
          [
            `${report.inserted} recordings were added, ${report.existing} were there, ${report.deleted} had been deleted.`,
            `${report.tombstones} tombstones of deleted recordings were added.`,
            ...report.unreadable.map(({ key, reason }) => `could not be read: ${key}: ${reason}`),
          ].join('\n'),
        );
      if (report.unreadable.length > 0) process.exitCode = 1;
    });
}
