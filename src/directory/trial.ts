import { EarshotError } from '../base/errors.ts';
import { opaqueId } from '../base/ids.ts';
import type { AccountSettings } from '../policy/types.ts';
import { accountSettings } from './assemble.ts';
import { type ChangeParts, makeChange } from './change/change.ts';
import { contentOfDraft, type Draft } from './change/draft.ts';
import { tidyPolicy, tidyValue } from './check/tidy.ts';
import type { TrialEdit } from './port.ts';

const NOBODY = { id: 'system', name: 'trial' };

/**
 * An account's settings as they would be after these edits; nothing is written.
 * @throws EarshotError NOT_FOUND; BAD_REQUEST and CONFLICT for edits that could not be saved either
 */
export async function accountWith(
  parts: ChangeParts,
  accountId: string,
  edits: readonly TrialEdit[],
): Promise<AccountSettings> {
  const { draft } = await makeChange(parts, {
    author: NOBODY,
    accountId,
    action: 'trial',
    isTrial: true,
    edit: (one) => {
      for (const edit of edits) apply(one, edit, edit.kind === 'account' ? '' : (edit.id ?? opaqueId(parts.random)));
      return { kind: 'account', entryId: accountId, name: one.fields.name };
    },
  });
  return accountSettings({ ...draft.fields, id: accountId, entries: contentOfDraft(draft) });
}

function apply(draft: Draft, edit: TrialEdit, id: string): void {
  if (edit.kind === 'account') {
    draft.setFields({ ...draft.fields, policy: tidyPolicy(edit.policy) });
    return;
  }
  const { kind, value } = edit;
  if (edit.id !== null && draft.get(kind, id) === undefined) {
    throw new EarshotError('NOT_FOUND', 'there is no such entry (any more).', { key: 'id' });
  }
  if (value !== null) draft.put(kind, id, tidyValue(kind, value as never));
  else if (kind === 'users') draft.removeUsers(new Set([id]));
  else draft.remove(kind, id);
}
