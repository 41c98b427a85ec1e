import { TextInput } from '@mantine/core';
import { useNames } from '../../directory/queries.ts';
import type { DeviceValue } from '../../directory/types.ts';
import { PhoneIcon } from '../../theme/icons.tsx';
import type { FormProps } from '../frame/editor.tsx';
import { EntryPage } from '../frame/entry-page.tsx';
import { HandlingFields, Lines } from '../frame/fields.tsx';
import { PickOne } from '../frame/picker.tsx';
import { SwitchFields } from '../frame/switch-fields.tsx';
import { EntryTable } from '../frame/table.tsx';

export function DevicesPage() {
  return (
    <EntryPage
      kind="devices"
      title="Devices"
      lead="Phones and other devices. One that belongs to a user takes over the user’s settings where it has none of its own."
      icon={<PhoneIcon size={22} />}
      empty={<p>Enter a phone to record it differently from its user’s other phones, or to use its record button.</p>}
      blank={{ name: '' }}
      Form={DeviceForm}
    >
      {(entries, accountId) => <Table entries={entries} accountId={accountId} />}
    </EntryPage>
  );
}

function Table({
  entries,
  accountId,
}: {
  readonly entries: Parameters<typeof EntryTable<DeviceValue>>[0]['entries'];
  readonly accountId: string;
}) {
  const userIds = new Set(entries.flatMap(({ value }) => (value.userId === undefined ? [] : [value.userId])));
  const users = useNames(accountId, 'users', [...userIds]);
  return (
    <EntryTable
      label="Devices"
      name="Name"
      entries={entries}
      columns={[
        { label: 'MAC address', cell: ({ value }) => value.mac ?? '' },
        {
          label: 'User',
          cell: ({ value }) => (value.userId === undefined ? 'Nobody' : (users.get(value.userId) ?? '…')),
        },
        { label: 'Other names', cell: ({ value }) => (value.aliases ?? []).join(', ') },
      ]}
    />
  );
}

function DeviceForm({ accountId, value, set, fault }: FormProps<DeviceValue>) {
  return (
    <>
      <TextInput
        label="Name"
        required
        maxLength={200}
        value={value.name}
        onChange={({ currentTarget }) => set({ name: currentTarget.value })}
        error={fault === 'name' ? 'Another name, please.' : null}
        data-autofocus
      />
      <TextInput
        label="MAC address"
        description="12 hexadecimal digits; with or without separators."
        maxLength={32}
        value={value.mac ?? ''}
        onChange={({ currentTarget }) => set({ mac: currentTarget.value || undefined })}
        error={fault === 'mac' ? 'This is no MAC address, or another device has it.' : null}
      />
      <PickOne
        accountId={accountId}
        kind="users"
        label="User"
        none="Nobody"
        id={value.userId}
        onChange={(userId) => set({ userId })}
      />
      <Lines
        label="Other names at the phone system"
        description="Its own extension, its registration name; one per line."
        lines={value.aliases}
        onChange={(aliases) => set({ aliases })}
        error={fault === 'aliases' ? 'One of these cannot be used.' : null}
      />
      <SwitchFields
        value={value.endpoints}
        onChange={(endpoints) => set({ endpoints })}
        inherits={value.userId === undefined ? 'As the account says' : 'As the user'}
      />
      <HandlingFields
        value={value.handling}
        onChange={(handling) => set({ handling })}
        inherits="As set for user, group or account"
      />
    </>
  );
}
