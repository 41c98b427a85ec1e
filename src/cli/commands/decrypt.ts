import { open, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { EarshotError, messageOf } from '../../base/errors.ts';
import { streamOf, type RandomAccess } from '../../seal/access.ts';
import { openAge } from '../../seal/age/open.ts';
import { rsaIdentity } from '../../seal/age/recipients.ts';
import { readKeyBundle } from '../../vault/key-bundle.ts';
import type { CommandContext } from '../context.ts';
import { newFile } from '../new-file.ts';
import { passphraseFrom } from '../passphrase.ts';

interface DecryptOptions {
  readonly key: string;
  readonly passphraseEnv?: string;
  readonly out?: string;
}

export function decryptCommand(program: Command, context: CommandContext): void {
  program
    .command('decrypt <object>')
    .description('open a sealed object with an exported key, without a server')
    .requiredOption('--key <file>', 'what `earshot keys export` wrote')
    .option('--passphrase-env <variable>', 'environment variable that holds its passphrase')
    .option('--out <file>', 'write there; standard output without it')
    .action((object: string, options: DecryptOptions) => decrypt(context, object, options));
}

async function decrypt(context: CommandContext, object: string, options: DecryptOptions): Promise<void> {
  const passphrase = passphraseFrom(context.env, options.passphraseEnv);
  const bundle = await readable(options.key, '--key', (path) => readFile(path, 'utf8'), context.cwd);
  const identity = rsaIdentity(readKeyBundle(bundle, passphrase).privateKey);
  const sealed = await readable(object, 'object', openFile, context.cwd);
  try {
    const plain = await openAge(identity, sealed);
    const target =
      options.out === undefined
        ? process.stdout
        : (await newFile(resolve(context.cwd, options.out))).createWriteStream();
    await pipeline(Readable.from(streamOf(plain)), target, { end: target !== process.stdout });
  } finally {
    await sealed.close();
  }
}

async function readable<T>(path: string, key: string, read: (path: string) => Promise<T>, cwd: string): Promise<T> {
  try {
    return await read(resolve(cwd, path));
  } catch (error) {
    throw new EarshotError('NOT_FOUND', `cannot read ${path}: ${messageOf(error)}.`, { key });
  }
}

async function openFile(path: string): Promise<RandomAccess> {
  const file = await open(path, 'r');
  const { size } = await file.stat();
  return {
    size,
    read: async (offset, length) => {
      const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - offset)));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
      return buffer.subarray(0, bytesRead);
    },
    close: () => file.close(),
  };
}
