import { Button, NativeSelect } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Section } from '../app/page.tsx';
import { done, failed } from '../app/say.ts';
import { api, asked } from '../api/client.ts';
import { isSame, patched, type Patch } from '../directory/merge.ts';
import { accountsQuery } from '../directory/queries.ts';
import frame from '../policy/frame/frame.module.css';
import { platformQuery } from './queries.ts';

/** What becomes of calls of which nothing tells the account. */
export function PlatformSection() {
  const platform = useQuery(platformQuery);
  if (platform.data === undefined) return null;
  return <Form key={platform.data.revision} stored={platform.data} />;
}

type Stored = Awaited<ReturnType<NonNullable<typeof platformQuery.queryFn>>>;

function Form({ stored }: { readonly stored: Stored }) {
  const client = useQueryClient();
  const accounts = useQuery(accountsQuery).data ?? [];
  const [value, setValue] = useState(stored);
  const set = (patch: Patch<Stored>): void => setValue((now) => patched(now, patch));
  const save = useMutation({
    mutationFn: () => asked(api.PUT('/api/v1/platform', { body: value })),
    onSuccess: (saved) => {
      client.setQueryData(platformQuery.queryKey, saved);
      done('Saved.');
    },
    onError: (error) => {
      failed('It was not saved', error);
      void client.invalidateQueries({ queryKey: platformQuery.queryKey });
    },
  });
  return (
    <Section title="Calls of no account" note="When neither trunk nor number nor metadata tell whose a call is.">
      <div className={frame.form}>
        <div className={frame.pair}>
          <NativeSelect
            label="They go to"
            value={value.defaultAccountId ?? ''}
            onChange={({ currentTarget }) => set({ defaultAccountId: currentTarget.value || undefined })}
            data={[{ value: '', label: 'No account' }, ...accounts.map(({ id, name }) => ({ value: id, label: name }))]}
          />
          <NativeSelect
            label="Where there is none"
            value={value.unknownAccount ?? 'hold'}
            onChange={({ currentTarget }) =>
              set({ unknownAccount: currentTarget.value === 'discard' ? 'discard' : undefined })
            }
            data={[
              { value: 'hold', label: 'Held sealed and listed as unassigned' },
              { value: 'discard', label: 'Thrown away' },
            ]}
          />
        </div>
        <div>
          <Button disabled={isSame(value, stored)} loading={save.isPending} onClick={() => save.mutate()}>
            Save
          </Button>
        </div>
      </div>
    </Section>
  );
}
