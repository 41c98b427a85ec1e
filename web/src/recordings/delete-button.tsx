import { Button, Modal } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { done, reasonOf } from '../app/say.ts';
import { api, asked } from '../api/client.ts';
import { isStatus } from '../api/problem.ts';
import type { RecordingDetail } from '../api/types.ts';
import { DeleteIcon } from '../theme/icons.tsx';
import { moment, spokenLength } from '../words/time.ts';
import { lastFilters } from './filters.ts';
import { forgetRecording } from './queries.ts';
import classes from './recording.module.css';

interface Props {
  readonly recording: RecordingDetail;
  readonly title: string;
}

/** Asks, says exactly what goes, deletes, and returns to the list. */
export function DeleteButton({ recording, title }: Props) {
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () =>
      asked(api.DELETE('/api/v1/recordings/{id}', { params: { path: { id: recording.id } } })).catch(
        (error: unknown) => {
          // Somebody else was faster; what was wanted has happened.
          if (!isStatus(error, 404)) throw error;
        },
      ),
    onSuccess: async () => {
      await navigate({ to: '/', search: lastFilters() });
      forgetRecording(client, recording.id);
      done(`Recording ${recording.recordId} is deleted.`);
    },
  });
  return (
    <>
      <Button variant="default" leftSection={<DeleteIcon size={16} />} onClick={() => setAsking(true)}>
        Delete
      </Button>
      <Modal opened={asking} onClose={() => setAsking(false)} title="Delete this recording for good?" size="md">
        <p className={classes.ask}>
          <strong>{title}</strong>, recording {recording.recordId} of {moment(recording.startedAt)},{' '}
          {spokenLength(recording.durationMs)}.
        </p>
        <p className={classes.ask}>
          The audio, its wave form, parties, events and SIP trace are destroyed, in the list and in the store. Nobody
          can bring them back. What stays is a tombstone in the ledger and an entry in the audit log: that this
          recording existed, who deleted it, and when.
        </p>
        {remove.isError && (
          <p role="alert" className={classes.error}>
            {reasonOf(remove.error)}
          </p>
        )}
        <div className={classes.buttons}>
          <Button variant="default" data-autofocus onClick={() => setAsking(false)}>
            Keep it
          </Button>
          <Button color="red.9" loading={remove.isPending} onClick={() => remove.mutate()}>
            Delete for good
          </Button>
        </div>
      </Modal>
    </>
  );
}
