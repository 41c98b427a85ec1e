import { Button, Modal } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { failed } from '../../app/say.ts';
import { isStatus } from '../../api/problem.ts';
import { refreshAccount, saveEntry } from '../../directory/queries.ts';
import type { Entry, RuleValue } from '../../directory/types.ts';
import { Effect } from '../frame/effect.tsx';
import classes from '../frame/frame.module.css';
import { savedWithUndo } from '../frame/saved.tsx';

interface Props {
  readonly accountId: string;
  readonly entry: Entry<RuleValue>;
  readonly onClose: () => void;
}

/** One click on a switch may end the recording of a company: what it would change is shown first. */
export function SwitchDialog({ accountId, entry, onClose }: Props) {
  const client = useQueryClient();
  const { value } = entry;
  const next: RuleValue = { ...value, isOn: !value.isOn };
  const save = useMutation({
    mutationFn: () => saveEntry(accountId, 'rules', { id: entry.id, revision: entry.revision, value: next }),
    onSuccess: () => {
      void refreshAccount(client, accountId);
      savedWithUndo(client, accountId, [entry.id], `${value.description} is ${next.isOn ? 'on' : 'off'} now.`);
      onClose();
    },
    onError: (error) => {
      failed('The rule was not changed', error);
      if (!isStatus(error, 409)) return;
      void refreshAccount(client, accountId);
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={`Switch ${next.isOn ? 'on' : 'off'}: ${value.description}`} size="lg">
      <div className={classes.form}>
        <Effect accountId={accountId} changes={[{ kind: 'rules', id: entry.id, value: next }]} />
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            Leave it {value.isOn ? 'on' : 'off'}
          </Button>
          <Button data-autofocus loading={save.isPending} onClick={() => save.mutate()}>
            Switch {next.isOn ? 'on' : 'off'}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
