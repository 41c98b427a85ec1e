import { NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import classes from './filter-bar.module.css';
import { isValidNumber, type Filters, type withChange } from './filters.ts';

interface Props {
  readonly filters: Filters;
  readonly onChange: (change: Parameters<typeof withChange>[1], replace?: boolean) => void;
}

export function MoreFilters({ filters, onChange }: Props) {
  return (
    <div className={classes.more}>
      <DayInput
        label="From day"
        value={filters.from}
        max={filters.to}
        onChange={(from) => onChange({ from, period: undefined })}
      />
      <DayInput
        label="To day"
        value={filters.to}
        min={filters.from}
        onChange={(to) => onChange({ to, period: undefined })}
      />
      <NumberFilter number={filters.number ?? ''} onChange={(number) => onChange({ number }, true)} />
      <NativeSelect
        label="At least this long"
        value={String(filters.min ?? '')}
        onChange={({ currentTarget: { value } }) => onChange({ min: value === '' ? undefined : Number(value) })}
        data={withValue(filters.min, (seconds) => filters.max === undefined || seconds <= filters.max)}
      />
      <NativeSelect
        label="At most this long"
        value={String(filters.max ?? '')}
        onChange={({ currentTarget: { value } }) => onChange({ max: value === '' ? undefined : Number(value) })}
        data={withValue(filters.max, (seconds) => filters.min === undefined || seconds >= filters.min)}
      />
      <NativeSelect
        label="Belongs to"
        value={filters.unassigned === true ? 'nobody' : ''}
        onChange={({ currentTarget: { value } }) => onChange({ unassigned: value === 'nobody' ? true : undefined })}
        data={[
          { value: '', label: 'Anybody' },
          { value: 'nobody', label: 'Nobody (unassigned)' },
        ]}
      />
    </div>
  );
}

const LENGTHS = new Map([
  [5, '5 seconds'],
  [10, '10 seconds'],
  [30, '30 seconds'],
  [60, '1 minute'],
  [300, '5 minutes'],
  [600, '10 minutes'],
  [1800, '30 minutes'],
  [3600, '1 hour'],
]);

/** The usual lengths that go with the other end, and the one in use even where it is none of them. */
function withValue(used: number | undefined, fits: (seconds: number) => boolean): { value: string; label: string }[] {
  const lengths = new Map([...LENGTHS].filter(([seconds]) => fits(seconds)));
  if (used !== undefined && !lengths.has(used)) lengths.set(used, LENGTHS.get(used) ?? `${used} seconds`);
  const options = [...lengths]
    .toSorted(([a], [b]) => a - b)
    .map(([seconds, label]) => ({ value: String(seconds), label }));
  return [{ value: '', label: 'Any length' }, ...options];
}

interface DayProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly min?: string | undefined;
  readonly max?: string | undefined;
  readonly onChange: (day: string | undefined) => void;
}

/** The browser's own date field: it knows the person's language, week and keyboard. */
function DayInput({ label, value, min, max, onChange }: DayProps) {
  const [typed, setTyped] = useState(value ?? '');
  useEffect(() => setTyped(value ?? ''), [value]);
  return (
    <TextInput
      type="date"
      label={label}
      value={typed}
      min={min ?? '2000-01-01'}
      max={max ?? '2100-01-01'}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value);
        // While a year is being typed it runs through the first century.
        if (currentTarget.value === '' || currentTarget.validity.valid) onChange(currentTarget.value || undefined);
      }}
    />
  );
}

function NumberFilter({ number, onChange }: { readonly number: string; readonly onChange: (number?: string) => void }) {
  const [typed, setTyped] = useState(number);
  const apply = useDebouncedCallback((value: string) => onChange(value.trim() === '' ? undefined : value.trim()), 300);
  useEffect(() => setTyped((now) => (now.trim() === number ? now : number)), [number]);
  const valid = isValidNumber(typed.trim());
  return (
    <TextInput
      label="Number contains"
      inputMode="tel"
      maxLength={64}
      value={typed}
      error={valid ? null : 'Digits, letters and + * # only'}
      onChange={({ currentTarget: { value } }) => {
        setTyped(value);
        if (isValidNumber(value.trim())) apply(value);
      }}
    />
  );
}
