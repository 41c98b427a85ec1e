import { TextInput } from '@mantine/core';
import type { GroupValue, RoleValue, TeamValue } from '../../directory/types.ts';
import { PeopleIcon } from '../../theme/icons.tsx';
import { keptWords, lasting } from '../../words/duration.ts';
import { counted } from '../../words/numbers.ts';
import type { FormProps } from '../frame/editor.tsx';
import { EntryPage } from '../frame/entry-page.tsx';
import { HandlingFields } from '../frame/fields.tsx';
import { PickMany } from '../frame/picker.tsx';
import { EntryTable } from '../frame/table.tsx';

export function RolesPage() {
  return (
    <EntryPage
      kind="roles"
      title="Roles"
      lead="Users and whole teams that a rule speaks of. A role gives no rights."
      icon={<PeopleIcon size={22} />}
      empty={<p>Make a role to have a rule for some people only.</p>}
      blank={{ name: '' }}
      Form={RoleForm}
    >
      {(entries) => (
        <EntryTable
          label="Roles"
          name="Name"
          entries={entries}
          columns={[
            { label: 'Users', cell: ({ value }) => counted(value.userIds?.length ?? 0, 'user') },
            { label: 'Teams', cell: ({ value }) => counted(value.teamIds?.length ?? 0, 'team') },
          ]}
        />
      )}
    </EntryPage>
  );
}

function RoleForm({ accountId, value, set, fault }: FormProps<RoleValue>) {
  return (
    <>
      <Name value={value.name} onChange={(name) => set({ name })} fault={fault} />
      <PickMany
        accountId={accountId}
        kind="users"
        label="Users"
        ids={value.userIds ?? []}
        onChange={(ids) => set({ userIds: ids.length === 0 ? undefined : ids })}
      />
      <PickMany
        accountId={accountId}
        kind="teams"
        label="Teams"
        placeholder="None"
        ids={value.teamIds ?? []}
        onChange={(ids) => set({ teamIds: ids.length === 0 ? undefined : ids })}
      />
    </>
  );
}

export function TeamsPage() {
  return (
    <EntryPage
      kind="teams"
      title="Teams"
      lead="People who work together; a role can take in a whole team."
      icon={<PeopleIcon size={22} />}
      empty={<p>Make a team to name its people once and use it in several roles.</p>}
      blank={{ name: '', userIds: [] }}
      Form={TeamForm}
    >
      {(entries) => (
        <EntryTable
          label="Teams"
          name="Name"
          entries={entries}
          columns={[{ label: 'Members', cell: ({ value }) => counted(value.userIds.length, 'user') }]}
        />
      )}
    </EntryPage>
  );
}

function TeamForm({ accountId, value, set, fault }: FormProps<TeamValue>) {
  return (
    <>
      <Name value={value.name} onChange={(name) => set({ name })} fault={fault} />
      <PickMany
        accountId={accountId}
        kind="users"
        label="Members"
        ids={value.userIds}
        onChange={(userIds) => set({ userIds })}
      />
    </>
  );
}

export function GroupsPage() {
  return (
    <EntryPage
      kind="groups"
      title="Groups"
      lead="Every user has at most one recording group. A recording keeps the group of the time of its call."
      icon={<PeopleIcon size={22} />}
      empty={<p>Make a group to say whose supervisors may hear recordings, and for how long they are kept.</p>}
      blank={{ name: '' }}
      Form={GroupForm}
    >
      {(entries) => (
        <EntryTable
          label="Groups"
          name="Name"
          entries={entries}
          columns={[
            {
              label: 'Kept',
              cell: ({ value: { handling } }) =>
                handling?.retention === undefined ? 'As the account says' : keptWords(handling.retention),
            },
            {
              label: 'Longest duration',
              cell: ({ value: { handling } }) =>
                typeof handling?.longestSeconds === 'number' ? lasting(handling.longestSeconds) : 'No limit of its own',
            },
          ]}
        />
      )}
    </EntryPage>
  );
}

function GroupForm({ value, set, fault }: FormProps<GroupValue>) {
  return (
    <>
      <Name value={value.name} onChange={(name) => set({ name })} fault={fault} />
      <HandlingFields
        value={value.handling}
        onChange={(handling) => set({ handling })}
        inherits="As the account says"
      />
    </>
  );
}

interface NameProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly fault: string | null;
}

function Name({ value, onChange, fault }: NameProps) {
  return (
    <TextInput
      label="Name"
      required
      maxLength={200}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      error={fault === 'name' ? 'Another name, please.' : null}
      data-autofocus
    />
  );
}
