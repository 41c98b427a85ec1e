import { EarshotError } from '../base/errors.ts';
import { readTrunks, type TrunkConfig } from '../base/trunks.ts';
import type { TrunkValue } from './port.ts';
import type { SecretBox } from './secret-box.ts';

/** A trunk as it is stored: its password sealed. */
export interface StoredTrunk extends Omit<TrunkValue, 'digest'> {
  readonly digest?: { readonly username: string; readonly sealed: string } | null;
}

/**
 * Checked and completed by the same code as those of the settings file.
 * @throws EarshotError BAD_REQUEST naming the field
 */
export function trunkConfig(
  name: string,
  { accountIds: _accountIds, digest, ...fields }: StoredTrunk,
  box: SecretBox,
): TrunkConfig {
  const credentials =
    digest === null || digest === undefined ? null : { username: digest.username, password: box.open(digest.sealed) };
  try {
    return readTrunks([{ ...fields, name, digest: credentials }])[0]!;
  } catch (error) {
    if (!(error instanceof EarshotError)) throw error;
    const key = error.key?.replace('trunks[0]', 'value');
    const { remedy } = error;
    throw new EarshotError('BAD_REQUEST', error.message, {
      ...(key === undefined ? {} : { key }),
      ...(remedy === undefined ? {} : { remedy }),
      cause: error,
    });
  }
}

/** Without what nobody reads back. */
export function visibleTrunk({ digest, ...fields }: StoredTrunk): TrunkValue {
  if (digest === undefined) return fields;
  return { ...fields, digest: digest === null ? null : { username: digest.username } };
}

/** @param before what is stored now: a password that is left out stays */
export function storedTrunk(
  { digest, ...fields }: TrunkValue,
  before: StoredTrunk | null,
  box: SecretBox,
): StoredTrunk {
  if (digest === undefined || digest === null) return digest === null ? { ...fields, digest } : fields;
  const { username, password } = digest;
  const sealed = password === undefined ? before?.digest?.sealed : box.seal(password);
  if (sealed === undefined) {
    throw new EarshotError('BAD_REQUEST', 'is missing: digest needs username and password.', {
      key: 'value.digest.password',
    });
  }
  return { ...fields, digest: { username, sealed } };
}
