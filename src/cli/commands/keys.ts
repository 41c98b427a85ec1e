import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { exportKeys, importKeys } from '../../vault/key-bundle.ts';
import { EarshotError, messageOf } from '../../base/errors.ts';
import type { CommandContext } from '../context.ts';
import { newFile } from '../new-file.ts';
import { passphraseFrom } from '../passphrase.ts';

export function keysCommand(program: Command, context: CommandContext): void {
  const keys = program.command('keys').description("the owner's certificate and key, which open every recording");
  keys
    .command('export [file]')
    .description(
      'write key and certificate as PEM; without a file to standard output. `age -d -i FILE` opens sealed objects with it',
    )
    .option('--passphrase-env <variable>', 'encrypt the key with the passphrase in this environment variable')
    .action(async (file: string | undefined, options: { passphraseEnv?: string }) => {
      const passphrase = passphraseFrom(context.env, options.passphraseEnv);
      const bundle = await exportKeys(context.config().dataDir, passphrase);
      if (file === undefined) process.stdout.write(bundle);
      else await writeNew(resolve(context.cwd, file), bundle);
    });
  keys
    .command('import <file>')
    .description(
      'take in keys that were exported on another machine, so that its recordings open here from the next start on',
    )
    .option('--passphrase-env <variable>', 'environment variable that holds their passphrase')
    .action(async (file: string, options: { passphraseEnv?: string }) => {
      const passphrase = passphraseFrom(context.env, options.passphraseEnv);
      const bundle = await readFile(resolve(context.cwd, file), 'utf8').catch((error: unknown) => {
        throw new EarshotError('NOT_FOUND', `cannot read ${file}: ${messageOf(error)}.`);
      });
      const isNew = await importKeys(context.config().dataDir, bundle, passphrase);
      process.stdout.write(
        isNew ? 'The keys were taken in; restart the server to use them.\n' : 'These keys are here already.\n',
      );
    });
}

async function writeNew(path: string, text: string): Promise<void> {
  const file = await newFile(path);
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
}
