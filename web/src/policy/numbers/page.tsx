import { NativeSelect, TextInput } from '@mantine/core';
import type { NumberValue } from '../../directory/types.ts';
import { HashIcon } from '../../theme/icons.tsx';
import { keptWords } from '../../words/duration.ts';
import { NUMBER_RECORD } from '../../words/policy.ts';
import { RecordMark } from '../frame/record-mark.tsx';
import type { FormProps } from '../frame/editor.tsx';
import { EntryPage } from '../frame/entry-page.tsx';
import { HandlingFields } from '../frame/fields.tsx';
import { EntryTable } from '../frame/table.tsx';

const MEANING: Readonly<Record<NonNullable<NumberValue['record']>, string>> = {
  off: 'The number itself asks for nothing; rules, queues and users still may.',
  incoming: 'Calls to this number are recorded while the outside party is in them, whoever answers or takes over.',
  outgoing: 'Calls that show this number to the called party are recorded while that party is in them.',
  all: 'Calls to this number, and calls that show it, are recorded while the outside party is in them.',
};

/** Public numbers, each with what is recorded of it. */
export function NumbersPage() {
  return (
    <EntryPage
      kind="numbers"
      title="Numbers"
      lead="Public numbers of this account. What a number asks for holds as long as the outside party is in the call, and no user can stop it."
      icon={<HashIcon size={22} />}
      empty={<p>Enter a number to record its calls, whoever answers them.</p>}
      blank={{ number: '', record: 'incoming' }}
      Form={NumberForm}
    >
      {(entries) => (
        <EntryTable
          label="Numbers"
          name="Number"
          entries={entries.map((entry) => ({ ...entry, name: entry.value.number }))}
          columns={[
            { label: 'Name', cell: ({ value }) => value.name ?? '' },
            {
              label: 'Recorded',
              cell: ({ value: { record = 'off' } }) => (
                <RecordMark isOn={record !== 'off'}>{NUMBER_RECORD[record]}</RecordMark>
              ),
            },
            {
              label: 'Kept',
              cell: ({ value: { handling } }) =>
                handling?.retention === undefined ? 'As the account says' : keptWords(handling.retention),
            },
          ]}
        />
      )}
    </EntryPage>
  );
}

function NumberForm({ value, set, fault }: FormProps<NumberValue>) {
  const record = value.record ?? 'off';
  return (
    <>
      <TextInput
        label="Number"
        description="As it is known to the world, best with + and country code."
        required
        maxLength={64}
        inputMode="tel"
        value={value.number}
        onChange={({ currentTarget }) => set({ number: currentTarget.value })}
        error={fault === 'number' ? 'This number cannot be used.' : null}
        data-autofocus
      />
      <TextInput
        label="Name"
        description="Optional: what it is for."
        maxLength={200}
        value={value.name ?? ''}
        onChange={({ currentTarget }) => set({ name: currentTarget.value || undefined })}
      />
      <NativeSelect
        label="Record"
        description={MEANING[record]}
        value={record}
        onChange={({ currentTarget }) => set({ record: currentTarget.value as NonNullable<NumberValue['record']> })}
        data={Object.entries(NUMBER_RECORD).map(([key, label]) => ({ value: key, label }))}
      />
      <HandlingFields
        value={value.handling}
        onChange={(handling) => set({ handling })}
        inherits="As set for user, group or account"
      />
    </>
  );
}
