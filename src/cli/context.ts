import { loadConfig, type Config } from '../base/config.ts';
import { Connection } from './connection.ts';
import { openOutput, type Output } from './output.ts';

/** What every command is given. */
export interface CommandContext {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  config(): Config;
  connect(): Connection;
  output(options: { json?: boolean }): Output;
}

export function commandContext(env: NodeJS.ProcessEnv, cwd: string): CommandContext {
  let config: Config | undefined;
  const load = () => (config ??= loadConfig(env, cwd));
  return {
    env,
    cwd,
    config: load,
    connect: () => Connection.find(load(), env),
    output: (options) => openOutput(options.json === true),
  };
}
