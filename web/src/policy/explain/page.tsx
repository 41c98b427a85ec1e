import { Skeleton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { Empty, Failure } from '../../app/failure.tsx';
import { Page } from '../../app/page.tsx';
import { ask } from '../../api/client.ts';
import type { Explanation } from '../../api/types.ts';
import { directoryKey } from '../../directory/queries.ts';
import { TryIcon } from '../../theme/icons.tsx';
import { useAccountId } from '../frame/address.ts';
import frame from '../frame/frame.module.css';
import { bodyOf, readExample, type Example } from './example.ts';
import { ExampleForm } from './form.tsx';
import { ExplanationPanel } from './explanation.tsx';
import classes from './explain.module.css';

/** Tries a made-up call on the settings of now: what would become of it, and the word of every layer. */
export function ExplainPage() {
  const accountId = useAccountId();
  const navigate = useNavigate();
  const fromAddress = useSearch({ strict: false, select: readExample, structuralSharing: true });
  const [example, setExample] = useState<Example>(fromAddress);
  const [settled] = useDebouncedValue(example, 350);
  useEffect(() => {
    void navigate({ to: '.', search: { ...settled } as never, replace: true, resetScroll: false });
  }, [settled, navigate]);
  const body = bodyOf(settled);
  const answer = useQuery({
    queryKey: [...directoryKey(accountId), 'explain', body],
    queryFn: ({ signal }) =>
      ask<Explanation>('POST', `/accounts/${encodeURIComponent(accountId)}/explain`, { body, signal }),
    enabled: body !== null,
    placeholderData: keepPreviousData,
    staleTime: 0,
    retry: false,
  });
  return (
    <Page
      title="Try a call"
      lead="Say who calls whom, and see what today’s settings would make of it, and why. Nothing is recorded."
    >
      <div className={classes.sides}>
        <ExampleForm accountId={accountId} example={example} onChange={setExample} />
        <div className={classes.answer} aria-live="polite" aria-busy={answer.isFetching}>
          {body === null && (
            <div className={frame.panel}>
              <Empty icon={<TryIcon size={22} />} title="Who calls whom?">
                <p>
                  Give at least a caller and whoever is called: a number as your phone system would send it, or a user.
                </p>
              </Empty>
            </div>
          )}
          {body !== null && answer.isPending && <Skeleton height={300} radius="md" aria-label="Deciding" />}
          {body !== null && answer.isError && (
            <div className={frame.panel}>
              <Failure title="This call could not be tried" error={answer.error} retry={() => void answer.refetch()} />
            </div>
          )}
          {body !== null && answer.data !== undefined && !answer.isError && (
            <ExplanationPanel accountId={accountId} explanation={answer.data} />
          )}
        </div>
      </div>
    </Page>
  );
}
