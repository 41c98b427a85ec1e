import { Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useNames } from '../../directory/queries.ts';
import type { QueueValue } from '../../directory/types.ts';
import { QueueIcon } from '../../theme/icons.tsx';
import { counted } from '../../words/numbers.ts';
import { QUEUE_RECORD } from '../../words/policy.ts';
import type { FormProps } from '../frame/editor.tsx';
import { EntryPage } from '../frame/entry-page.tsx';
import { HandlingFields, Lines } from '../frame/fields.tsx';
import classes from '../frame/frame.module.css';
import { PickMany } from '../frame/picker.tsx';
import { RecordMark } from '../frame/record-mark.tsx';
import { EntryTable } from '../frame/table.tsx';

export function QueuesPage() {
  return (
    <EntryPage
      kind="queues"
      title="Queues"
      lead="What a queue asks for wins over a user or an account whose recording is off."
      icon={<QueueIcon size={22} />}
      empty={<p>Enter a queue to record all its calls, or those of chosen agents.</p>}
      blank={{ name: '', record: 'all' }}
      Form={QueueForm}
    >
      {(entries) => (
        <EntryTable
          label="Queues"
          name="Name"
          entries={entries}
          columns={[
            { label: 'Numbers', cell: ({ value }) => (value.numbers ?? []).join(', ') },
            {
              label: 'Recorded',
              cell: ({ value: { record = 'off' } }) => (
                <RecordMark isOn={record !== 'off'}>{QUEUE_RECORD[record]}</RecordMark>
              ),
            },
            { label: 'Agents', cell: ({ value }) => agentsWords(value) },
          ]}
        />
      )}
    </EntryPage>
  );
}

function agentsWords({ record, agents = [] }: QueueValue): string {
  const chosen = agents.filter((agent) => agent.record === true).length;
  if (agents.length === 0) return 'None';
  return record === 'agents' ? `${chosen} of ${counted(agents.length, 'agent')}` : counted(agents.length, 'agent');
}

function QueueForm({ accountId, value, set, fault }: FormProps<QueueValue>) {
  return (
    <>
      <TextInput
        label="Name"
        description="As the phone system names it: calls are told apart by name, id or number of their queue."
        required
        maxLength={200}
        value={value.name}
        onChange={({ currentTarget }) => set({ name: currentTarget.value })}
        error={fault === 'name' ? 'Another name, please.' : null}
        data-autofocus
      />
      <Lines
        label="Numbers under which it is called"
        lines={value.numbers}
        onChange={(numbers) => set({ numbers })}
        error={fault === 'numbers' ? 'One of these cannot be used.' : null}
      />
      <NativeSelect
        label="Record"
        value={value.record ?? 'off'}
        onChange={({ currentTarget }) => set({ record: currentTarget.value as NonNullable<QueueValue['record']> })}
        data={Object.entries(QUEUE_RECORD).map(([key, label]) => ({ value: key, label }))}
      />
      <Agents accountId={accountId} value={value} set={set} />
      <HandlingFields
        value={value.handling}
        onChange={(handling) => set({ handling })}
        inherits="As set for user, group or account"
      />
    </>
  );
}

function Agents({ accountId, value, set }: Pick<FormProps<QueueValue>, 'accountId' | 'value' | 'set'>) {
  const agents = value.agents ?? [];
  const ids = agents.map(({ userId }) => userId);
  const names = useNames(accountId, 'users', ids);
  const pick = (userIds: readonly string[]): void => {
    const next = userIds.map((userId) => agents.find((agent) => agent.userId === userId) ?? { userId, record: true });
    set({ agents: next.length === 0 ? undefined : next });
  };
  return (
    <>
      <PickMany accountId={accountId} kind="users" label="Agents" ids={ids} onChange={pick} />
      {value.record === 'agents' && agents.length > 0 && (
        <fieldset className={classes.choices}>
          <legend>Whose calls are recorded</legend>
          {agents.map((agent) => (
            <Checkbox
              key={agent.userId}
              label={names.get(agent.userId) ?? '…'}
              checked={agent.record === true}
              onChange={({ currentTarget: { checked } }) =>
                set({
                  agents: agents.map((other) =>
                    other.userId === agent.userId ? { ...other, record: checked } : other,
                  ),
                })
              }
            />
          ))}
        </fieldset>
      )}
    </>
  );
}
