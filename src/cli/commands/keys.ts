import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { exportKeys } from '../../vault/keys.ts';
import type { CommandContext } from '../context.ts';

export function keysCommand(program: Command, context: CommandContext): void {
  program
    .command('keys')
    .description("the owner's certificate and key, which open every recording")
    .command('export [file]')
    .description(
      'write key and certificate as PEM; without a file to standard output. `age -d -i FILE` opens sealed objects with it',
    )
    .option('--passphrase-env <variable>', 'encrypt the key with the passphrase in this environment variable')
    .action(async (file: string | undefined, options: { passphraseEnv?: string }) => {
      const passphrase = options.passphraseEnv === undefined ? undefined : context.env[options.passphraseEnv];
      const bundle = await exportKeys(context.config().dataDir, passphrase);
      if (file === undefined) process.stdout.write(bundle);
      // Never over another file, and for this user's eyes only.
      else writeFileSync(resolve(context.cwd, file), bundle, { flag: 'wx', mode: 0o600 });
    });
}
