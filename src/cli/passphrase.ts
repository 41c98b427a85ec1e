import { EarshotError } from '../base/errors.ts';

/**
 * The passphrase in the environment variable that an option names; undefined without the option.
 * @throws EarshotError BAD_REQUEST when the variable is empty: a key must not come out in the open by a slip of the pen
 */
export function passphraseFrom(env: NodeJS.ProcessEnv, variable: string | undefined): string | undefined {
  if (variable === undefined) return undefined;
  const passphrase = env[variable];
  if (passphrase !== undefined && passphrase !== '') return passphrase;
  throw new EarshotError('BAD_REQUEST', `names ${variable}, which is not set or empty.`, {
    key: '--passphrase-env',
    remedy: 'Put the passphrase into that environment variable.',
  });
}
