import { Button, Skeleton } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ReactNode, type SubmitEvent } from 'react';
import { Failure } from '../../app/failure.tsx';
import { Page } from '../../app/page.tsx';
import { Said } from '../../app/said.tsx';
import { reasonOf } from '../../app/say.ts';
import { RequestFailed } from '../../api/problem.ts';
import { isSame, mergeOnto, patched, type Patch } from '../../directory/merge.ts';
import { accountQuery, refreshAccount, saveAccount } from '../../directory/queries.ts';
import type { Account, AccountPolicy } from '../../directory/types.ts';
import { useMay } from '../../session/session.ts';
import { useAccountId } from './address.ts';
import { Conflict } from './conflict.tsx';
import { conflictOf } from './editor.tsx';
import { Effect } from './effect.tsx';
import classes from './frame.module.css';
import { savedWithUndo } from './saved.tsx';

export interface PolicyProps {
  readonly accountId: string;
  readonly value: AccountPolicy;
  readonly set: (patch: Patch<AccountPolicy>) => void;
  readonly fault: string | null;
  readonly canChange: boolean;
}

interface Props {
  readonly title: string;
  readonly lead: ReactNode;
  readonly children: (form: PolicyProps) => ReactNode;
}

/** A page that edits a part of an account's policy: effect on past calls before saving, conflicts, undo. */
export function PolicyPage({ title, lead, children }: Props) {
  const accountId = useAccountId();
  const account = useQuery(accountQuery(accountId));
  return (
    <Page title={title} lead={lead}>
      {account.isPending && <Skeleton height={320} radius="md" role="status" aria-label="Loading the settings" />}
      {account.isError && account.data === undefined && (
        <div className={classes.panel}>
          <Failure
            title="The settings could not be loaded"
            error={account.error}
            retry={() => void account.refetch()}
          />
        </div>
      )}
      {account.data !== undefined && (
        <PolicyForm key={account.data.id} loaded={account.data} title={title}>
          {children}
        </PolicyForm>
      )}
    </Page>
  );
}

function PolicyForm({ loaded, title, children }: Pick<Props, 'title' | 'children'> & { readonly loaded: Account }) {
  const client = useQueryClient();
  const may = useMay();
  const [base, setBase] = useState(loaded);
  const [value, setValue] = useState(loaded.policy);
  const [round, setRound] = useState(0);
  const form = useRef<HTMLFormElement>(null);
  const [isComplete, setComplete] = useState(false);
  // What is not filled in yet cannot be tried on past calls.
  useEffect(() => setComplete(form.current?.checkValidity() ?? false), [value]);
  const isChanged = !isSame(value, base.policy);
  // Nothing is being edited here: what others saved is shown.
  if (!isChanged && loaded.revision !== base.revision) begin(loaded);
  function begin(account: Account, policy = account.policy): void {
    setBase(account);
    setValue(policy);
    setRound(round + 1);
  }
  const save = useMutation({
    mutationFn: ({ account, policy }: { account: Account; policy: AccountPolicy }) => saveAccount(account, policy),
    onSuccess: (saved) => {
      client.setQueryData(accountQuery(saved.id).queryKey, saved);
      begin(saved);
      savedWithUndo(client, saved.id, [saved.id], `${title}: saved.`);
      void refreshAccount(client, saved.id);
    },
  });
  const theirs = accountConflict(save.error);
  if (theirs !== null) {
    return (
      <div className={`${classes.panel} ${classes.padded}`}>
        <Conflict
          accountId={base.id}
          base={base.policy}
          mine={value}
          theirs={theirs.policy}
          changedBy={theirs.changedBy}
          changedAt={theirs.changedAt}
          isSaving={save.isPending}
          onTakeTheirs={() => {
            begin(theirs);
            save.reset();
          }}
          onApplyMine={() => {
            const policy = mergeOnto(base.policy, value, theirs.policy);
            begin(theirs, policy);
            save.mutate({ account: theirs, policy });
          }}
        />
      </div>
    );
  }
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    save.mutate({ account: base, policy: value });
  };
  return (
    <form ref={form} onSubmit={submit} className={classes.form} aria-label={title}>
      <fieldset className={classes.plain} disabled={!may('directory.change')} key={round}>
        {children({
          accountId: base.id,
          value,
          set: (patch) => setValue((now) => patched(now, patch)),
          fault: save.error instanceof RequestFailed ? save.error.key : null,
          canChange: may('directory.change'),
        })}
      </fieldset>
      {isChanged && (
        <section className={classes.bar} aria-label="Not saved yet">
          <Effect accountId={base.id} changes={isComplete ? [{ kind: 'policy', id: null, value }] : []} isShort />
          {save.isError && (
            <p role="alert" className={classes.error}>
              <Said text={reasonOf(save.error)} />
            </p>
          )}
          <div className={classes.buttons}>
            <span className={classes.barText}>Not saved yet</span>
            <Button
              variant="default"
              onClick={() => {
                begin(base);
                save.reset();
              }}
            >
              Discard
            </Button>
            <Button type="submit" loading={save.isPending}>
              Save
            </Button>
          </div>
        </section>
      )}
    </form>
  );
}

function accountConflict(error: unknown): Account | null {
  return conflictOf<never>(error) as unknown as Account | null;
}
