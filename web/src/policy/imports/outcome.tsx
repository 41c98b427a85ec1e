import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Banner } from '../../app/failure.tsx';
import { done, failed } from '../../app/say.ts';
import type { ImportResult } from '../../api/types.ts';
import { refreshAccount, undoChange } from '../../directory/queries.ts';
import { differences } from '../../words/changes.ts';
import { count, counted } from '../../words/numbers.ts';
import frame from '../frame/frame.module.css';
import classes from './imports.module.css';

/** So many of each kind are read by anybody. */
const SHOWN = 50;

/** What an import would do, or has done: numbers first, then each entry; or every error with its place. */
export function Outcome({ accountId, result }: { readonly accountId: string; readonly result: ImportResult }) {
  const { applied, counts, created, changed, deleted, errors, warnings } = result;
  if (errors.length > 0) return <Errors errors={errors} />;
  return (
    <section className={classes.outcome} aria-label={applied ? 'What was changed' : 'What would change'}>
      <div className={classes.head} role="status">
        <strong>
          {applied ? 'Done: ' : ''}
          {count(counts.created)} new, {count(counts.changed)} changed, {count(counts.deleted)} deleted,{' '}
          {count(counts.unchanged)} as they were
        </strong>
        {applied && result.changeId !== null && <Undo accountId={accountId} changeId={result.changeId} />}
      </div>
      {warnings.length > 0 && (
        <Banner>
          {warnings.slice(0, 10).map((text, i) => (
            <div key={i}>{text}</div>
          ))}
        </Banner>
      )}
      <List title="New" names={created.map(({ name }) => name)} all={counts.created} />
      {changed.length > 0 && (
        <div>
          <h3 className={frame.smallTitle}>Changed</h3>
          <ul className={classes.list}>
            {changed.slice(0, SHOWN).map(({ name, fields }, i) => (
              <li key={i}>
                <strong>{name}</strong>{' '}
                {fields
                  .flatMap(({ field, before, after }) => differences({ [field]: before }, { [field]: after }))
                  .map(({ label, before, after }) => `${label}: ${before} → ${after}`)
                  .join('; ')}
              </li>
            ))}
          </ul>
          <More shown={Math.min(SHOWN, changed.length)} all={counts.changed} />
        </div>
      )}
      <List title="Deleted" names={deleted.map(({ name }) => name)} all={counts.deleted} />
    </section>
  );
}

function Undo({ accountId, changeId }: { readonly accountId: string; readonly changeId: string }) {
  const client = useQueryClient();
  const undo = useMutation({
    mutationFn: () => undoChange(accountId, changeId),
    onSuccess: () => done('The import is taken back.'),
    onError: (error) => failed('It could not be taken back', error),
    onSettled: () => refreshAccount(client, accountId),
  });
  if (undo.isSuccess) return <span className={frame.soft}>Taken back</span>;
  return (
    <Button size="xs" variant="default" loading={undo.isPending} onClick={() => undo.mutate()}>
      Undo
    </Button>
  );
}

function List({
  title,
  names,
  all,
}: {
  readonly title: string;
  readonly names: readonly string[];
  readonly all: number;
}) {
  if (names.length === 0) return null;
  return (
    <div>
      <h3 className={frame.smallTitle}>{title}</h3>
      <p className={frame.text}>{names.slice(0, SHOWN).join(', ')}</p>
      <More shown={Math.min(SHOWN, names.length)} all={all} />
    </div>
  );
}

function More({ shown, all }: { readonly shown: number; readonly all: number }) {
  return all > shown ? <p className={frame.soft}>and {count(all - shown)} more</p> : null;
}

function Errors({ errors }: { readonly errors: ImportResult['errors'] }) {
  return (
    <Banner tone="bad">
      <strong>{counted(errors.length, 'error')}: nothing was changed.</strong>
      <ul className={classes.list}>
        {errors.slice(0, SHOWN).map(({ line, column, message }, i) => (
          <li key={i}>
            {line !== null && `Line ${count(line)}`}
            {column !== null && `${line === null ? '' : ', '}${column}`}
            {(line !== null || column !== null) && ': '}
            {message}
          </li>
        ))}
      </ul>
      <More shown={Math.min(SHOWN, errors.length)} all={errors.length} />
    </Banner>
  );
}
