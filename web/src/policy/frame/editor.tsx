import { Button, Modal } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ComponentType, type SubmitEvent } from 'react';
import { Said } from '../../app/said.tsx';
import { done, failed, reasonOf } from '../../app/say.ts';
import { isStatus, RequestFailed } from '../../api/problem.ts';
import { isSame, mergeOnto, patched, type Patch } from '../../directory/merge.ts';
import { refreshAccount, removeEntry, saveEntry } from '../../directory/queries.ts';
import type { Entry, Kind, Values } from '../../directory/types.ts';
import { KINDS } from '../../words/policy.ts';
import { Conflict } from './conflict.tsx';
import { Effect } from './effect.tsx';
import classes from './frame.module.css';
import { savedWithUndo } from './saved.tsx';

export interface FormProps<V> {
  readonly accountId: string;
  readonly value: V;
  readonly set: (patch: Patch<V>) => void;
  /** The field that the server did not like, if it named one. */
  readonly fault: string | null;
  readonly isNew: boolean;
}

interface EditorProps<K extends Kind> {
  readonly accountId: string;
  readonly kind: K;
  /** Null: a new one. */
  readonly entry: Entry<Values[K]> | null;
  readonly blank: Values[K];
  readonly Form: ComponentType<FormProps<Values[K]>>;
  readonly onClose: () => void;
}

/** One entry in a window of its own: its form, the effect on past calls, saving with undo, deletion, conflicts. */
export function Editor<K extends Kind>(props: EditorProps<K>) {
  const { kind, entry, onClose } = props;
  const isNarrow = useMediaQuery('(max-width: 700px)', undefined, { getInitialValueInEffect: false });
  const isDirty = useRef(false);
  const [leaving, setLeaving] = useState(false);
  const close = (): void => {
    if (isDirty.current && !leaving) setLeaving(true);
    else onClose();
  };
  return (
    <Modal
      opened
      onClose={close}
      title={entry === null ? `New ${KINDS[kind].one}` : entry.name}
      size="lg"
      fullScreen={isNarrow}
      closeOnClickOutside={false}
    >
      {leaving && (
        <div className={classes.leaving} role="alert">
          <span>Your changes are not saved.</span>
          <Button size="xs" variant="default" onClick={() => setLeaving(false)} data-autofocus>
            Go on editing
          </Button>
          <Button size="xs" color="red.9" onClick={onClose}>
            Throw them away
          </Button>
        </div>
      )}
      <Body {...props} onDirty={(dirty) => (isDirty.current = dirty)} onCancel={close} />
    </Modal>
  );
}

interface BodyProps<K extends Kind> extends EditorProps<K> {
  readonly onDirty: (isDirty: boolean) => void;
  readonly onCancel: () => void;
}

function Body<K extends Kind>({ accountId, kind, entry, blank, Form, onClose, onDirty, onCancel }: BodyProps<K>) {
  const client = useQueryClient();
  const [base, setBase] = useState<Pick<Entry<Values[K]>, 'value' | 'revision'>>(
    entry ?? { value: blank, revision: 0 },
  );
  const [value, setValue] = useState<Values[K]>(base.value);
  const [deleting, setDeleting] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const [isComplete, setComplete] = useState(false);
  // What is not filled in yet cannot be tried on past calls.
  useEffect(() => setComplete(form.current?.checkValidity() ?? false), [value]);
  const change = (next: Values[K]): void => {
    setValue(next);
    onDirty(!isSame(next, base.value));
  };
  const save = useMutation({
    mutationFn: (draft: { value: Values[K]; revision: number }) =>
      saveEntry(accountId, kind, { id: entry?.id ?? null, ...draft }),
    onSuccess: (saved) => {
      void refreshAccount(client, accountId);
      savedWithUndo(client, accountId, [saved.id], [`${saved.name} is saved.`, ...(saved.warnings ?? [])].join(' '));
      onClose();
    },
  });
  const theirs = conflictOf<Values[K]>(save.error);
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    save.mutate({ value, revision: base.revision });
  };
  if (theirs !== null) {
    return (
      <Conflict
        accountId={accountId}
        base={base.value}
        mine={value}
        theirs={theirs.value}
        changedBy={theirs.changedBy}
        changedAt={theirs.changedAt}
        isSaving={save.isPending}
        onTakeTheirs={() => {
          setBase(theirs);
          setValue(theirs.value);
          onDirty(false);
          save.reset();
        }}
        onApplyMine={() => {
          const both = mergeOnto(base.value, value, theirs.value);
          setBase(theirs);
          change(both);
          save.mutate({ value: both, revision: theirs.revision });
        }}
      />
    );
  }
  if (deleting && entry !== null) {
    return (
      <Deletion accountId={accountId} kind={kind} entry={entry} onKeep={() => setDeleting(false)} onGone={onClose} />
    );
  }
  const isChanged = entry === null || !isSame(value, base.value);
  return (
    <form
      ref={form}
      onSubmit={submit}
      className={classes.form}
      aria-label={entry === null ? `New ${KINDS[kind].one}` : entry.name}
    >
      <Form
        accountId={accountId}
        value={value}
        set={(patch) => change(patched(value, patch))}
        fault={save.error instanceof RequestFailed ? save.error.key : null}
        isNew={entry === null}
      />
      <Effect accountId={accountId} changes={isChanged && isComplete ? [{ kind, id: entry?.id ?? null, value }] : []} />
      {save.isError && (
        <p role="alert" className={classes.error}>
          <Said text={reasonOf(save.error)} />
        </p>
      )}
      <div className={`${classes.buttons} ${classes.footer}`}>
        {entry !== null && (
          <Button variant="subtle" color="red" className={classes.first ?? ''} onClick={() => setDeleting(true)}>
            Delete
          </Button>
        )}
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
        <Button type="submit" loading={save.isPending} disabled={!isChanged}>
          Save
        </Button>
      </div>
    </form>
  );
}

/** What stands now, where the answer was that somebody else has changed it. */
export function conflictOf<V>(error: unknown): Entry<V> | null {
  if (!isStatus(error, 409) || !(error instanceof RequestFailed)) return null;
  const current = error.problem['current'];
  return typeof current === 'object' && current !== null ? (current as Entry<V>) : null;
}

interface DeletionProps<K extends Kind> {
  readonly accountId: string;
  readonly kind: K;
  readonly entry: Entry<Values[K]>;
  readonly onKeep: () => void;
  readonly onGone: () => void;
}

function Deletion<K extends Kind>({ accountId, kind, entry, onKeep, onGone }: DeletionProps<K>) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeEntry(accountId, kind, entry.id, entry.revision),
    onSuccess: () => {
      savedWithUndo(client, accountId, [entry.id], `${entry.name} is deleted.`);
      void refreshAccount(client, accountId);
      onGone();
    },
    onError: (error) => {
      if (!isStatus(error, 404)) return failed('It was not deleted', error);
      done(`${entry.name} was deleted already.`);
      void refreshAccount(client, accountId);
      onGone();
    },
  });
  return (
    <div className={classes.form}>
      <p className={classes.text}>
        Delete {KINDS[kind].one} <strong>{entry.name}</strong>?
        {kind === 'users' && ' The recordings of this user stay, with the group that they were made in.'}
      </p>
      <Effect accountId={accountId} changes={[{ kind, id: entry.id, value: null }]} />
      <div className={classes.buttons}>
        <Button variant="default" data-autofocus onClick={onKeep}>
          Keep it
        </Button>
        <Button color="red.9" loading={remove.isPending} onClick={() => remove.mutate()}>
          Delete
        </Button>
      </div>
    </div>
  );
}
