import { Switch } from '@mantine/core';
import { useState } from 'react';
import type { Entry, RuleValue } from '../../directory/types.ts';
import { useNames } from '../../directory/queries.ts';
import { useMay } from '../../session/session.ts';
import { RuleIcon } from '../../theme/icons.tsx';
import { ruleSentences } from '../../words/rule.ts';
import { EntryPage } from '../frame/entry-page.tsx';
import { EntryLink } from '../frame/table.tsx';
import { RuleForm } from './form.tsx';
import classes from './rules.module.css';
import { SwitchDialog } from './switch-dialog.tsx';

const BLANK: RuleValue = { description: '', isOn: true, mode: 'automatic', direction: 'both', origin: 'both' };

/** All rules of the account, each with its meaning written out. */
export function RulesPage() {
  return (
    <EntryPage
      kind="rules"
      title="Rules"
      lead="A call is recorded when any rule asks for it. Their order does not matter, and no rule takes back what another one asks for."
      icon={<RuleIcon size={22} />}
      empty={<p>Without a rule nothing is recorded, unless a number, a queue or a user’s own setting asks for it.</p>}
      blank={BLANK}
      Form={RuleForm}
    >
      {(entries, accountId) => <Rules entries={entries} accountId={accountId} />}
    </EntryPage>
  );
}

type RuleEntry = Entry<RuleValue>;

function Rules({ entries, accountId }: { readonly entries: readonly RuleEntry[]; readonly accountId: string }) {
  const may = useMay();
  const roleIds = entries.flatMap(({ value }) => (value.roleId === undefined ? [] : [value.roleId]));
  const roles = useNames(accountId, 'roles', [...new Set(roleIds)]);
  const [switching, setSwitching] = useState<RuleEntry | null>(null);
  return (
    <>
      <ul className={classes.rules} aria-label="Rules">
        {entries.map((entry) => {
          const { value } = entry;
          const [first, second] = ruleSentences(
            value,
            value.roleId === undefined ? null : roleName(roles, value.roleId),
          );
          return (
            <li key={entry.id} className={classes.rule} data-off={value.isOn ? undefined : true}>
              <div className={classes.words}>
                <h2 className={classes.title}>
                  <EntryLink entry={{ ...entry, name: value.description }} />
                </h2>
                <p>
                  {first} {second}
                </p>
              </div>
              <Switch
                className={classes.switch ?? ''}
                size="md"
                checked={value.isOn}
                disabled={!may('directory.change')}
                onChange={() => setSwitching(entry)}
                aria-label={`${value.description}: on`}
              />
            </li>
          );
        })}
      </ul>
      {switching !== null && (
        <SwitchDialog accountId={accountId} entry={switching} onClose={() => setSwitching(null)} />
      )}
    </>
  );
}

export function roleName(roles: ReadonlyMap<string, string>, id: string): string {
  return roles.get(id) ?? 'a role';
}
