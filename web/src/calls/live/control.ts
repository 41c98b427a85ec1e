import { useMutation, useQueryClient } from '@tanstack/react-query';
import { done, failed } from '../../app/say.ts';
import { ask } from '../../api/client.ts';
import { liveCallsQuery } from '../../live/queries.ts';

export type Action = 'start' | 'stop' | 'pause' | 'resume' | 'keep' | 'drop';

interface Answer {
  readonly ok: true;
  readonly text: string;
}

const FAILED: Readonly<Record<Action, string>> = {
  start: 'Recording was not started',
  stop: 'Recording was not stopped',
  pause: 'It was not paused',
  resume: 'It does not go on',
  keep: 'The call was not kept',
  drop: 'The call was not dropped',
};

/** Asks for something in a running or held call; what came of it is said. */
export function useControl(callId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ action, reason }: { action: Action; reason?: string }) =>
      ask<Answer>('POST', `/calls/${encodeURIComponent(callId)}/control`, {
        body: { action, ...(reason === undefined || reason === '' ? {} : { reason }) },
      }),
    onSuccess: ({ text }) => done(text),
    onError: (error, { action }) => failed(FAILED[action], error),
    // The event stream tells of it too; the answer is there first.
    onSettled: () => {
      void client.invalidateQueries({ queryKey: liveCallsQuery.queryKey });
      void client.invalidateQueries({ queryKey: ['calls', 'one', callId] });
    },
  });
}
