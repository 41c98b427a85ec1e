import { Button, Loader } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Said } from '../../app/said.tsx';
import { reasonOf } from '../../app/say.ts';
import { previewChanges, type Impact, type ImpactedCall } from '../../directory/queries.ts';
import type { PlannedChange } from '../../directory/types.ts';
import { count, counted } from '../../words/numbers.ts';
import { OUTCOMES } from '../../words/policy.ts';
import { moment } from '../../words/time.ts';
import classes from './effect.module.css';

interface Props {
  readonly accountId: string;
  /** What is about to be saved; nothing: nothing is shown. */
  readonly changes: readonly PlannedChange[];
  /** The calls themselves only on request: there is little room. */
  readonly isShort?: boolean;
}

/** Typing goes on for a moment after each letter. */
const PAUSE_MS = 600;

const FEW = 5;

/** Before a change is saved: which of the last calls would have been decided otherwise. */
export function Effect({ accountId, changes, isShort = false }: Props) {
  const [wanted] = useDebouncedValue(JSON.stringify(changes), PAUSE_MS);
  const isSettled = wanted === JSON.stringify(changes);
  const planned = JSON.parse(wanted) as PlannedChange[];
  const preview = useQuery({
    queryKey: ['directory', accountId, 'preview', wanted],
    queryFn: ({ signal }) => previewChanges(accountId, planned, signal),
    enabled: planned.length > 0,
    staleTime: 20_000,
    retry: false,
  });
  if (changes.length === 0) return null;
  const isLooking = !isSettled || preview.isFetching;
  return (
    <section className={classes.effect} aria-label="Effect on past calls" aria-busy={isLooking}>
      <div role="status" className={classes.head} data-testid="effect">
        {isLooking ? (
          <>
            <Loader size={14} aria-hidden="true" />
            <span>Trying it on the last calls …</span>
          </>
        ) : (
          <Summary impact={preview.data} error={preview.error} />
        )}
      </div>
      {!isLooking && preview.data !== undefined && preview.data.changed.length > 0 && (
        <Calls impact={preview.data} first={isShort ? 0 : FEW} />
      )}
    </section>
  );
}

function Summary({ impact, error }: { readonly impact: Impact | undefined; readonly error: unknown }) {
  if (impact === undefined) {
    return error === null ? null : (
      <span className={classes.bad}>
        <Said text={reasonOf(error)} />
      </span>
    );
  }
  const { examined, changed } = impact;
  if (examined === 0) return <span>There are no past calls yet on which it could be tried.</span>;
  const last = `the last ${count(examined)} calls`;
  if (examined === 1 && changed.length === 1) return <strong>The last call would have been decided otherwise.</strong>;
  if (examined === 1 && changed.length === 0) return <span>The last call would have been decided the same.</span>;
  if (changed.length === 0) return <span>None of {last} would have been decided otherwise.</span>;
  return (
    <strong>
      {count(changed.length)} of {last} would have been decided otherwise.
    </strong>
  );
}

function Calls({ impact: { changed }, first }: { readonly impact: Impact; readonly first: number }) {
  const [all, setAll] = useState(false);
  const shown = all ? changed : changed.slice(0, first);
  return (
    <>
      <ul className={classes.tallies} aria-label="How many, and how">
        {talliesOf(changed).map(({ before, after, calls }) => (
          <li key={before + after}>
            {counted(calls, 'call')}: <Outcome verdict={before} /> <span aria-label="then">→</span>{' '}
            <Outcome verdict={after} />
          </li>
        ))}
      </ul>
      {shown.length > 0 && (
        <ol className={classes.calls} aria-label="These calls">
          {shown.map((call) => (
            <li key={call.callId}>
              <Link to="/calls/$callId" params={{ callId: call.callId }} target="_blank">
                {call.from ?? 'Unknown'} to {call.to ?? 'unknown'}
              </Link>
              <span className={classes.soft}>{moment(call.startedAt)}</span>
              <span className={classes.turn}>
                <Outcome verdict={call.before} /> <span aria-label="then">→</span> <Outcome verdict={call.after} />
              </span>
              <span className={classes.why}>{call.why}</span>
            </li>
          ))}
        </ol>
      )}
      {changed.length > first && (
        <Button variant="subtle" size="compact-sm" onClick={() => setAll(!all)} aria-expanded={all}>
          {all ? 'Show fewer' : first === 0 ? 'Show these calls' : `Show all ${count(changed.length)}`}
        </Button>
      )}
    </>
  );
}

export function Outcome({ verdict }: { readonly verdict: ImpactedCall['before'] }) {
  return (
    <span className={classes.outcome} data-verdict={verdict}>
      {OUTCOMES[verdict]}
    </span>
  );
}

interface Tally {
  readonly before: ImpactedCall['before'];
  readonly after: ImpactedCall['after'];
  readonly calls: number;
}

function talliesOf(changed: readonly ImpactedCall[]): Tally[] {
  const tallies = new Map<string, Tally>();
  for (const { before, after } of changed) {
    const key = `${before} ${after}`;
    tallies.set(key, { before, after, calls: (tallies.get(key)?.calls ?? 0) + 1 });
  }
  return [...tallies.values()].toSorted((a, b) => b.calls - a.calls);
}
