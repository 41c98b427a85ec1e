import { NativeSelect, NumberInput, Textarea } from '@mantine/core';
import { useState } from 'react';
import { orNothing, patched } from '../../directory/merge.ts';
import type { Handling, Retention } from '../../directory/types.ts';
import classes from './frame.module.css';

interface LinesProps {
  readonly label: string;
  readonly description?: string;
  readonly lines: readonly string[] | undefined;
  readonly onChange: (lines: string[] | undefined) => void;
  readonly error?: string | null;
  readonly rows?: number;
  readonly placeholder?: string;
}

/** A list of short texts, one per line. */
export function Lines({ label, description, lines, onChange, error, rows = 2, placeholder }: LinesProps) {
  const [text, setText] = useState((lines ?? []).join('\n'));
  return (
    <Textarea
      label={label}
      description={description ?? 'One per line.'}
      value={text}
      onChange={({ currentTarget: { value } }) => {
        setText(value);
        const read = value
          .split('\n')
          .map((line) => line.trim())
          .filter(Boolean);
        onChange(read.length === 0 ? undefined : read);
      }}
      error={error}
      autosize
      minRows={rows}
      maxRows={12}
      spellCheck={false}
      placeholder={placeholder ?? ''}
    />
  );
}

const UNITS = ['hours', 'days', 'months', 'years'] as const;

interface HandlingProps {
  readonly value: Handling | undefined;
  readonly onChange: (value: Handling | undefined) => void;
  /** Where it comes from when nothing is said here, e.g. "As the account says". */
  readonly inherits: string;
  /** The same for the longest duration, where it is something else. */
  readonly inheritsLongest?: string;
}

/** How long recordings last at most, and for how long they are kept. */
export function HandlingFields({ value = {}, onChange, inherits, inheritsLongest = inherits }: HandlingProps) {
  const set = (patch: { [K in keyof Handling]?: Handling[K] | undefined }): void =>
    onChange(orNothing(patched(value, patch)));
  return (
    <>
      <RetentionField value={value.retention} onChange={(retention) => set({ retention })} inherits={inherits} />
      <LongestField
        value={value.longestSeconds}
        onChange={(longestSeconds) => set({ longestSeconds })}
        inherits={inheritsLongest}
      />
    </>
  );
}

interface RetentionProps {
  readonly value: Retention | undefined;
  readonly onChange: (value: Retention | undefined) => void;
  readonly inherits: string;
}

function RetentionField({ value, onChange, inherits }: RetentionProps) {
  const mode = value === undefined ? 'inherit' : value === 'forever' ? 'forever' : 'time';
  return (
    <div className={classes.row}>
      <NativeSelect
        label="Recordings are kept"
        value={mode}
        onChange={({ currentTarget: { value: next } }) => {
          if (next === 'inherit') onChange(undefined);
          else onChange(next === 'forever' ? 'forever' : { amount: 90, unit: 'days' });
        }}
        data={[
          { value: 'inherit', label: inherits },
          { value: 'time', label: 'For a time' },
          { value: 'forever', label: 'Until somebody deletes them' },
        ]}
      />
      {value !== undefined && value !== 'forever' && (
        <>
          <NumberInput
            label="For"
            w={96}
            min={1}
            max={36_500}
            required
            allowDecimal={false}
            allowNegative={false}
            value={value.amount}
            onChange={(amount) => onChange({ ...value, amount: Number(amount) })}
          />
          <NativeSelect
            aria-label="Unit of time"
            value={value.unit}
            onChange={({ currentTarget }) =>
              onChange({ ...value, unit: UNITS.find((unit) => unit === currentTarget.value) ?? 'days' })
            }
            data={UNITS.map((unit) => ({ value: unit, label: unit }))}
          />
        </>
      )}
    </div>
  );
}

interface LongestProps {
  readonly value: number | null | undefined;
  readonly onChange: (value: number | null | undefined) => void;
  readonly inherits: string;
}

function LongestField({ value, onChange, inherits }: LongestProps) {
  const mode = value === undefined ? 'inherit' : value === null ? 'none' : 'limit';
  return (
    <div className={classes.row}>
      <NativeSelect
        label="Longest duration"
        value={mode}
        onChange={({ currentTarget: { value: next } }) =>
          onChange(next === 'inherit' ? undefined : next === 'none' ? null : 7200)
        }
        data={[
          { value: 'inherit', label: inherits },
          { value: 'limit', label: 'At most' },
          { value: 'none', label: 'No limit' },
        ]}
      />
      {typeof value === 'number' && (
        <NumberInput
          label="Minutes"
          w={110}
          min={1}
          max={1440}
          required
          allowNegative={false}
          decimalScale={2}
          value={value / 60}
          onChange={(minutes) => onChange(Math.max(1, Math.round(Number(minutes) * 60)))}
        />
      )}
    </div>
  );
}
