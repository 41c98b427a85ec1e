import { Command } from 'commander';
import { EarshotError } from '../base/errors.ts';
import { VERSION } from '../roles/version.ts';
import { callsCommand } from './commands/calls.ts';
import { decryptCommand } from './commands/decrypt.ts';
import { doctorCommand } from './commands/doctor.ts';
import { keysCommand } from './commands/keys.ts';
import { recordingsCommand } from './commands/recordings.ts';
import { serveCommand } from './commands/serve.ts';
import { tokenCommand } from './commands/token.ts';
import { commandContext } from './context.ts';

const context = commandContext(process.env, process.cwd());
const program = new Command('earshot').description('Open call recording.').version(VERSION);
for (const add of [
  serveCommand,
  recordingsCommand,
  callsCommand,
  tokenCommand,
  keysCommand,
  decryptCommand,
  doctorCommand,
]) {
  add(program, context);
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof EarshotError)) throw error;
  process.stderr.write(`${error.line}\n`);
  process.exitCode = 1;
}
