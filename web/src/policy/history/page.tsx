import { Button, Skeleton } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Empty, Failure } from '../../app/failure.tsx';
import { Page } from '../../app/page.tsx';
import { done, failed } from '../../app/say.ts';
import { historyQuery, refreshAccount, undoChange } from '../../directory/queries.ts';
import type { Change, Kind } from '../../directory/types.ts';
import { useMay } from '../../session/session.ts';
import { UndoIcon } from '../../theme/icons.tsx';
import { differences, idsIn, type NameOf } from '../../words/changes.ts';
import { counted } from '../../words/numbers.ts';
import { KINDS } from '../../words/policy.ts';
import { moment, momentExact } from '../../words/time.ts';
import { useAccountId } from '../frame/address.ts';
import { Differences } from '../frame/conflict.tsx';
import frame from '../frame/frame.module.css';
import { useNameOf } from '../frame/names.ts';
import classes from './history.module.css';

/** Who changed what, newest first, each with the way back. */
export function HistoryPage() {
  const accountId = useAccountId();
  const history = useInfiniteQuery(historyQuery(accountId));
  const changes = history.data?.pages.flatMap(({ items }) => items) ?? [];
  const nameOf = useNameOf(accountId, idsIn(changes.map(({ before, after }) => [before, after])));
  return (
    <Page
      title="History"
      lead="Every change to this account’s rules and people. Each can be taken back, unless something newer stands in the way."
    >
      {history.isPending && <Skeleton height={320} radius="md" role="status" aria-label="Loading the history" />}
      {history.isError && history.data === undefined && (
        <div className={frame.panel}>
          <Failure title="The history could not be loaded" error={history.error} retry={() => void history.refetch()} />
        </div>
      )}
      {history.data !== undefined && changes.length === 0 && (
        <div className={frame.panel}>
          <Empty icon={<UndoIcon size={22} />} title="Nothing was changed yet">
            <p>Changes appear here with who made them.</p>
          </Empty>
        </div>
      )}
      {changes.length > 0 && (
        <ol className={`${frame.panel} ${classes.changes}`} aria-label="Changes, newest first">
          {changes.map((change) => (
            <ChangeLine key={change.changeId} accountId={accountId} change={change} nameOf={nameOf} />
          ))}
        </ol>
      )}
      {history.hasNextPage && (
        <Button
          variant="default"
          className={frame.more ?? ''}
          loading={history.isFetchingNextPage}
          onClick={() => void history.fetchNextPage()}
        >
          Load more
        </Button>
      )}
    </Page>
  );
}

interface LineProps {
  readonly accountId: string;
  readonly change: Change;
  readonly nameOf: NameOf;
}

function ChangeLine({ accountId, change, nameOf }: LineProps) {
  const may = useMay();
  const client = useQueryClient();
  const undo = useMutation({
    mutationFn: () => undoChange(accountId, change.changeId),
    onSuccess: () => done(`Taken back: ${titleOf(change)}.`),
    onError: (error) => failed('It could not be taken back', error),
    onSettled: () => refreshAccount(client, accountId),
  });
  const isMany = change.kind === 'import' || change.kind === 'sync';
  const isUndone = change.undoneBy !== null;
  return (
    <li data-undone={isUndone || undefined}>
      <div className={classes.head}>
        <div>
          <h2 className={classes.title}>{titleOf(change)}</h2>
          <p className={frame.soft}>
            {change.actorName} ·{' '}
            <time dateTime={change.at} title={momentExact(change.at)}>
              {moment(change.at)}
            </time>
            {isUndone && ' · taken back'}
          </p>
        </div>
        {may('directory.change') && !isUndone && (
          <Button
            variant="default"
            size="xs"
            loading={undo.isPending}
            onClick={() => undo.mutate()}
            aria-label={`Take back: ${titleOf(change)}`}
          >
            Take back
          </Button>
        )}
      </div>
      {isMany ? (
        <p className={frame.soft}>{manyWords(change.after)}</p>
      ) : (
        change.before !== null &&
        change.after !== null && (
          <Differences list={differences(change.before, change.after, nameOf)} empty="Saved without a difference." />
        )
      )}
      {change.others.length > 0 && (
        <p className={frame.soft}>Also touched: {change.others.map(({ name }) => name).join(', ')}</p>
      )}
    </li>
  );
}

function titleOf({ kind, name, before, after }: Change): string {
  if (kind === 'import') return name === '' ? 'CSV import' : `CSV import: ${name}`;
  if (kind === 'sync') return name === '' ? 'Directory synchronised' : `Directory synchronised: ${name}`;
  if (kind === 'account') return 'Account changed';
  const one = kind in KINDS ? KINDS[kind as Kind].one : kind;
  const word = `${one.charAt(0).toUpperCase()}${one.slice(1)}`;
  return `${word} ${name} ${before === null ? 'added' : after === null ? 'deleted' : 'changed'}`;
}

/** What an import did, in numbers. */
function manyWords(after: unknown): string {
  if (typeof after !== 'object' || after === null) return '';
  return Object.entries(after)
    .flatMap(([what, number]) =>
      typeof number === 'number' && number > 0 ? [`${counted(number, 'entry', 'entries')} ${what}`] : [],
    )
    .join(', ');
}
