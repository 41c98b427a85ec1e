import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Section } from '../../app/page.tsx';
import { orNothing, patched, type Patch } from '../../directory/merge.ts';
import type { Exclusion, Filters, Pilot } from '../../directory/types.ts';
import { PILOT_WORDS } from '../../words/policy.ts';
import { Lines } from '../frame/fields.tsx';
import classes from '../frame/frame.module.css';
import { PolicyPage, type PolicyProps } from '../frame/policy-page.tsx';
import { ExclusionsField } from './exclusions.tsx';
import { matchingLines, patternFault } from './pattern.ts';
import own from './filters.module.css';

/** What automatic recording leaves out, which numbers are internal, and the recorder's own numbers. */
export function FiltersPage() {
  return (
    <PolicyPage
      title="Filters"
      lead="Which calls automatic recording leaves out, whoever asked for it. Recording by hand stays allowed unless it is said."
    >
      {(form) => (
        <>
          <Which {...form} />
          <Excluded {...form} />
          <Internal {...form} />
          <Pilots {...form} />
        </>
      )}
    </PolicyPage>
  );
}

function useFilters({ value, set }: PolicyProps): readonly [Filters, (patch: Patch<Filters>) => void] {
  const filters = value.filters ?? {};
  return [filters, (patch) => set({ filters: orNothing(patched(filters, patch)) })];
}

function Which(form: PolicyProps) {
  const [filters, change] = useFilters(form);
  return (
    <Section
      title="Recorded at all"
      note="Seen from the phone of the user. Internal: a known user, or a number that is listed below."
    >
      <div className={classes.pair}>
        <NativeSelect
          label="Direction"
          value={filters.direction ?? 'both'}
          onChange={({ currentTarget: { value } }) =>
            change({ direction: value === 'in' || value === 'out' ? value : undefined })
          }
          data={[
            { value: 'both', label: 'Incoming and outgoing calls' },
            { value: 'in', label: 'Incoming calls only' },
            { value: 'out', label: 'Outgoing calls only' },
          ]}
        />
        <NativeSelect
          label="Traffic"
          value={filters.traffic ?? 'both'}
          onChange={({ currentTarget: { value } }) =>
            change({ traffic: value === 'internal' || value === 'external' ? value : undefined })
          }
          data={[
            { value: 'both', label: 'Internal and external calls' },
            { value: 'external', label: 'External calls only' },
            { value: 'internal', label: 'Internal calls only' },
          ]}
        />
      </div>
    </Section>
  );
}

function Excluded(form: PolicyProps) {
  const [filters, change] = useFilters(form);
  const exclusions: readonly Exclusion[] = filters.exclusions ?? [];
  return (
    <Section title="Excluded numbers" note={<PatternHelp what="Calls with these are not recorded automatically." />}>
      <div className={classes.form}>
        <ExclusionsField
          exclusions={exclusions}
          onChange={(next) => change({ exclusions: next.length === 0 ? undefined : next })}
        />
        <Trial
          patterns={exclusions.map(({ pattern }) => pattern)}
          country={form.value.country}
          hit="is excluded by"
          miss="is not excluded."
        />
      </div>
    </Section>
  );
}

function Internal({ value, set }: PolicyProps) {
  const patterns = value.internalPatterns ?? [];
  const faults = patterns.map(patternFault).filter((fault) => fault !== null);
  return (
    <Section title="Internal numbers" note={<PatternHelp what="These count as internal although they are nobody’s." />}>
      <div className={classes.form}>
        <Lines
          label="Numbers and patterns"
          lines={value.internalPatterns}
          onChange={(internalPatterns) => set({ internalPatterns })}
          error={faults[0] ?? null}
          rows={3}
        />
        <Trial patterns={patterns} country={value.country} hit="is internal by" miss="is not internal by these." />
      </div>
    </Section>
  );
}

function PatternHelp({ what }: { readonly what: string }) {
  return (
    <>
      {what} <code>.</code> stands for exactly one digit, <code>!</code> for any number of digits: <code>10..</code>{' '}
      means 1000 to 1099, <code>0800!</code> everything that begins with 0800. A number without them means that very
      number, in any usual form.
    </>
  );
}

interface TrialProps {
  readonly patterns: readonly string[];
  readonly country: string | undefined;
  readonly hit: string;
  readonly miss: string;
}

/** Type a number and see at once which line means it. */
function Trial({ patterns, country, hit, miss }: TrialProps) {
  const [number, setNumber] = useState('');
  const lines = number.trim() === '' ? [] : matchingLines(patterns, number.trim(), country);
  return (
    <div className={own.trial}>
      <TextInput
        label="Try a number"
        inputMode="tel"
        maxLength={64}
        value={number}
        onChange={({ currentTarget }) => setNumber(currentTarget.value)}
      />
      <p role="status" className={own.result} data-hit={lines.length > 0 || undefined}>
        {number.trim() !== '' &&
          (lines.length > 0 ? `${number.trim()} ${hit} ${lines.join(', ')}` : `${number.trim()} ${miss}`)}
      </p>
    </div>
  );
}

function Pilots({ value, set }: PolicyProps) {
  const pilots = value.pilots ?? [];
  const change = (next: readonly Pilot[]): void => set({ pilots: next.length === 0 ? undefined : next });
  return (
    <Section
      title="Pilot numbers"
      note="Numbers of the recorder itself, to which calls are sent or conferenced. They are always excluded as remote parties."
    >
      <div className={classes.form}>
        {pilots.map((pilot, i) => (
          <div key={i} className={classes.row}>
            <NativeSelect
              label={`What pilot ${i + 1} does`}
              value={pilot.kind}
              onChange={({ currentTarget }) =>
                change(pilots.with(i, { ...pilot, kind: currentTarget.value as Pilot['kind'] }))
              }
              data={Object.entries(PILOT_WORDS).map(([kind, label]) => ({ value: kind, label }))}
            />
            <TextInput
              label="Number or prefix"
              required
              maxLength={64}
              inputMode="tel"
              value={pilot.number}
              onChange={({ currentTarget }) => change(pilots.with(i, { ...pilot, number: currentTarget.value }))}
            />
            <Button
              variant="default"
              onClick={() => change(pilots.toSpliced(i, 1))}
              aria-label={`Take out pilot ${i + 1}`}
            >
              Take out
            </Button>
          </div>
        ))}
        <div>
          <Button variant="default" onClick={() => change([...pilots, { kind: 'record', number: '' }])}>
            Add a pilot number
          </Button>
        </div>
      </div>
    </Section>
  );
}
