import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { QueryClient } from '@tanstack/react-query';
import { done, failed } from '../../app/say.ts';
import { newestChange, refreshAccount, undoChange } from '../../directory/queries.ts';
import classes from './frame.module.css';

/** Long enough to read, think and reach it by keyboard; afterwards the history still offers it. */
const UNDO_MS = 15_000;

/** Says what was saved and offers to take it back. */
export function savedWithUndo(
  client: QueryClient,
  accountId: string,
  entryIds: readonly string[],
  message: string,
): void {
  const id = `saved-${accountId}-${entryIds.join('-')}`;
  const undo = async (): Promise<void> => {
    notifications.hide(id);
    try {
      for (const entryId of entryIds) {
        const change = await newestChange(accountId, entryId);
        if (change !== undefined) await undoChange(accountId, change.changeId);
      }
      done('Taken back.');
    } catch (error) {
      failed('It could not be taken back', error);
    }
    await refreshAccount(client, accountId);
  };
  notifications.show({
    id,
    autoClose: UNDO_MS,
    closeButtonProps: { 'aria-label': 'Close' },
    message: (
      <span className={classes.saved}>
        <span>{message}</span>
        <Button size="compact-sm" variant="light" onClick={() => void undo()}>
          Undo
        </Button>
      </span>
    ),
  });
}
