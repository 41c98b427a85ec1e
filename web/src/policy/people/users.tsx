import { Accordion, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { orNothing, patched } from '../../directory/merge.ts';
import { useNames } from '../../directory/queries.ts';
import type { UserValue } from '../../directory/types.ts';
import { PersonIcon } from '../../theme/icons.tsx';
import type { FormProps } from '../frame/editor.tsx';
import { EntryPage } from '../frame/entry-page.tsx';
import { HandlingFields, Lines } from '../frame/fields.tsx';
import classes from '../frame/frame.module.css';
import { PickMany, PickOne } from '../frame/picker.tsx';
import { SwitchFields } from '../frame/switch-fields.tsx';
import { EntryTable } from '../frame/table.tsx';

export function UsersPage() {
  return (
    <EntryPage
      kind="users"
      title="Users"
      lead="The people whose calls are recorded. Deleting a user keeps the recordings."
      icon={<PersonIcon size={22} />}
      empty={<p>Enter people one by one, or import them from a CSV file or a directory (LDAP).</p>}
      blank={{ firstName: '', lastName: '' }}
      Form={UserForm}
    >
      {(entries, accountId) => <Table entries={entries} accountId={accountId} />}
    </EntryPage>
  );
}

function Table({
  entries,
  accountId,
}: {
  readonly entries: Parameters<typeof EntryTable<UserValue>>[0]['entries'];
  readonly accountId: string;
}) {
  const groupIds = new Set(entries.flatMap(({ value }) => (value.groupId === undefined ? [] : [value.groupId])));
  const groups = useNames(accountId, 'groups', [...groupIds]);
  return (
    <EntryTable
      label="Users"
      name="Name"
      entries={entries}
      columns={[
        { label: 'Extension', cell: ({ value }) => (value.extensions ?? []).join(', ') },
        { label: 'Public number', cell: ({ value }) => (value.aliases ?? []).join(', ') },
        { label: 'Department', cell: ({ value }) => value.department ?? '' },
        { label: 'Group', cell: ({ value }) => groups.get(value.groupId ?? '') ?? '' },
      ]}
    />
  );
}

function UserForm(props: FormProps<UserValue>) {
  return (
    <>
      <Person {...props} />
      <Phones {...props} />
      <Accordion variant="contained" multiple defaultValue={[]}>
        <Accordion.Item value="how">
          <Accordion.Control>How calls are recognised</Accordion.Control>
          <Accordion.Panel>
            <Recognised {...props} />
          </Accordion.Panel>
        </Accordion.Item>
        <Accordion.Item value="recording">
          <Accordion.Control>Recording</Accordion.Control>
          <Accordion.Panel>
            <Recording {...props} />
          </Accordion.Panel>
        </Accordion.Item>
        <Accordion.Item value="mail">
          <Accordion.Control>Mail</Accordion.Control>
          <Accordion.Panel>
            <Mail {...props} />
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </>
  );
}

function Person({ value, set, fault }: FormProps<UserValue>) {
  return (
    <div className={classes.pair}>
      <TextInput
        label="First name"
        maxLength={100}
        value={value.firstName}
        onChange={({ currentTarget }) => set({ firstName: currentTarget.value })}
        data-autofocus
      />
      <TextInput
        label="Last name"
        required={value.firstName.trim() === ''}
        maxLength={100}
        value={value.lastName}
        onChange={({ currentTarget }) => set({ lastName: currentTarget.value })}
        error={fault === 'lastName' ? 'A name is needed.' : null}
      />
      <Field label="Department" value={value.department} onChange={(department) => set({ department })} />
      <NativeSelect
        label="Language"
        description="Of mails to this person"
        value={value.language ?? ''}
        onChange={({ currentTarget }) => set({ language: currentTarget.value || undefined })}
        data={[
          { value: '', label: 'As the account' },
          ...LANGUAGES.map(([code, label]) => ({ value: code, label })),
          ...(value.language === undefined || LANGUAGES.some(([code]) => code === value.language)
            ? []
            : [{ value: value.language, label: value.language }]),
        ]}
      />
    </div>
  );
}

const LANGUAGES = [
  ['en', 'English'],
  ['de', 'German'],
  ['es', 'Spanish'],
  ['fr', 'French'],
  ['it', 'Italian'],
  ['nl', 'Dutch'],
  ['pl', 'Polish'],
  ['pt', 'Portuguese'],
] as const;

function Phones({ accountId, value, set, fault }: FormProps<UserValue>) {
  return (
    <>
      <div className={classes.pair}>
        <Lines
          label="Extensions"
          lines={value.extensions}
          onChange={(extensions) => set({ extensions })}
          error={fault === 'extensions' ? 'One of these cannot be used.' : null}
        />
        <Lines
          label="Public numbers"
          description="That ring at this person, one per line."
          lines={value.aliases}
          onChange={(aliases) => set({ aliases })}
          error={fault === 'aliases' ? 'One of these cannot be used.' : null}
        />
      </div>
      <div className={classes.pair}>
        <PickOne
          accountId={accountId}
          kind="groups"
          label="Recording group"
          description="Whose supervisors may hear the recordings"
          none="None"
          id={value.groupId}
          onChange={(groupId) => set({ groupId })}
        />
        <PickMany
          accountId={accountId}
          kind="groups"
          label="Additional groups"
          description="That this person may supervise"
          placeholder="None"
          ids={value.additionalGroupIds ?? []}
          onChange={(ids) => set({ additionalGroupIds: ids.length === 0 ? undefined : ids })}
        />
      </div>
    </>
  );
}

function Recognised({ value, set, fault }: FormProps<UserValue>) {
  return (
    <div className={classes.pair}>
      <Field
        label="User name"
        description="At Earshot and in the directory"
        value={value.userName}
        onChange={(userName) => set({ userName })}
        error={fault === 'userName' ? 'This cannot be used.' : null}
      />
      <Field
        label="User name at the phone system"
        description="Or its opaque user id (Webex)"
        value={value.pbxUserName}
        onChange={(pbxUserName) => set({ pbxUserName })}
        error={fault === 'pbxUserName' ? 'This cannot be used.' : null}
      />
      <Field
        label="Numeric user id"
        description="Behind a pilot prefix, where extensions overlap"
        value={value.numericUserId}
        onChange={(numericUserId) => set({ numericUserId })}
        error={fault === 'numericUserId' ? 'Digits only.' : null}
      />
      <Field
        label="Numeric partition id"
        description="The same for a partition"
        value={value.numericPartitionId}
        onChange={(numericPartitionId) => set({ numericPartitionId })}
        error={fault === 'numericPartitionId' ? 'Digits only.' : null}
      />
      <Field
        label="Agent id"
        description="At the queue or contact centre"
        value={value.agentId}
        onChange={(agentId) => set({ agentId })}
      />
    </div>
  );
}

function Recording({ value, set }: FormProps<UserValue>) {
  return (
    <div className={classes.form}>
      <SwitchFields
        value={value.endpoints}
        onChange={(endpoints) => set({ endpoints })}
        inherits="As the account says"
      />
      <HandlingFields
        value={value.handling}
        onChange={(handling) => set({ handling })}
        inherits="As set for group or account"
      />
    </div>
  );
}

function Mail({ value, set, fault }: FormProps<UserValue>) {
  const mail = value.mail ?? {};
  const change = (patch: { [F in keyof typeof mail]?: (typeof mail)[F] | undefined }): void =>
    set({ mail: orNothing(patched(mail, patch)) });
  return (
    <div className={classes.form}>
      <TextInput
        type="email"
        label="Address"
        maxLength={254}
        value={mail.address ?? ''}
        onChange={({ currentTarget }) => change({ address: currentTarget.value || undefined })}
        error={fault?.startsWith('mail') === true ? 'This is no mail address.' : null}
      />
      <Checkbox
        label="Tell this person of new recordings"
        checked={mail.notify === true}
        onChange={({ currentTarget }) => change({ notify: currentTarget.checked || undefined })}
      />
      <Checkbox
        label="Attach the audio"
        checked={mail.attach === true}
        onChange={({ currentTarget }) => change({ attach: currentTarget.checked || undefined })}
      />
    </div>
  );
}

interface FieldProps {
  readonly label: string;
  readonly description?: string;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
  readonly error?: string | null;
}

function Field({ label, description, value, onChange, error }: FieldProps) {
  return (
    <TextInput
      label={label}
      description={description}
      maxLength={200}
      value={value ?? ''}
      onChange={({ currentTarget }) => onChange(currentTarget.value || undefined)}
      error={error}
    />
  );
}
