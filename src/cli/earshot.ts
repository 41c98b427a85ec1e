import { Command } from 'commander';
import { EarshotError } from '../base/errors.ts';
import { VERSION } from '../roles/version.ts';
import { adminLinkCommand } from './commands/admin-link.ts';
import { callCommand } from './commands/call.ts';
import { callsCommand } from './commands/calls.ts';
import { decryptCommand } from './commands/decrypt.ts';
import { directoryCommand } from './commands/directory.ts';
import { doctorCommand } from './commands/doctor.ts';
import { explainCommand } from './commands/explain.ts';
import { keysCommand } from './commands/keys.ts';
import { peopleCommand } from './commands/people.ts';
import { rebuildCommand } from './commands/rebuild.ts';
import { recordingsCommand } from './commands/recordings.ts';
import { serveCommand } from './commands/serve.ts';
import { tokenCommand } from './commands/token.ts';
import { commandContext } from './context.ts';

const COMMANDS = [
  serveCommand,
  callCommand,
  recordingsCommand,
  callsCommand,
  explainCommand,
  directoryCommand,
  tokenCommand,
  peopleCommand,
  adminLinkCommand,
  keysCommand,
  decryptCommand,
  rebuildCommand,
  doctorCommand,
];

const context = commandContext(process.env, process.cwd());
const program = new Command('earshot').description('Open call recording.').version(VERSION);
for (const add of COMMANDS) {
  add(program, context);
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof EarshotError)) throw error;
  process.stderr.write(`${error.line}\n`);
  process.exitCode = 1;
}
