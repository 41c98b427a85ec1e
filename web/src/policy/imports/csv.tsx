import { Button, Checkbox, FileButton, NativeSelect, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Section } from '../../app/page.tsx';
import { failed, reasonOf } from '../../app/say.ts';
import { api, asked } from '../../api/client.ts';
import type { ImportResult } from '../../api/types.ts';
import { refreshAccount } from '../../directory/queries.ts';
import frame from '../frame/frame.module.css';
import { Outcome } from './outcome.tsx';

const KINDS = [
  { value: 'users', label: 'Users' },
  { value: 'devices', label: 'Devices' },
  { value: 'numbers', label: 'Numbers' },
];

const COLUMNS = {
  users: 'userName,firstName,lastName,extensions,department\nada,Ada,Adams,1001,Sales',
  devices: 'name,mac,user\nDesk phone 1001,00:15:65:00:00:01,Ada Adams',
  numbers: 'number,name,record\n+15550100,Hotline,incoming',
} as const;

type Kind = keyof typeof COLUMNS;

/** A CSV file, or lines that are pasted: try, look, apply. */
export function CsvSection({ accountId }: { readonly accountId: string }) {
  const client = useQueryClient();
  const [kind, setKind] = useState<Kind>('users');
  const [mode, setMode] = useState<'merge' | 'sync'>('merge');
  const [text, setText] = useState('');
  const [force, setForce] = useState(false);
  const [adopt, setAdopt] = useState(false);
  const [result, setResult] = useState<ImportResult | null>(null);
  const run = useMutation({
    mutationFn: (dryRun: boolean): Promise<ImportResult> =>
      asked(
        api.POST('/api/v1/accounts/{accountId}/imports/csv', {
          params: { path: { accountId } },
          body: { text, kind, mode, dryRun, ...(force ? { force } : {}), ...(adopt ? { adopt } : {}) },
        }),
      ),
    onSuccess: (answer) => {
      setResult(answer);
      if (answer.applied) void refreshAccount(client, accountId);
    },
  });
  // A result speaks of the text that it was made from.
  const change = (act: () => void): void => {
    act();
    setResult(null);
    run.reset();
  };
  const read = (file: File | null): void => {
    if (file === null) return;
    file.text().then(
      (content) => change(() => setText(content)),
      (error: unknown) => failed('The file could not be read', error),
    );
  };
  const canApply = result !== null && !result.applied && result.errors.length === 0;
  return (
    <Section
      title="From a CSV file"
      note="The first line names the columns; for users one of them tells who is who: key, user name or mail. One wrong line, and nothing is changed."
    >
      <div className={frame.form}>
        <div className={frame.pair}>
          <NativeSelect
            label="What is in it"
            value={kind}
            onChange={({ currentTarget }) => change(() => setKind(currentTarget.value as Kind))}
            data={KINDS}
          />
          <NativeSelect
            label="What is not in it any more"
            value={mode}
            onChange={({ currentTarget }) => change(() => setMode(currentTarget.value === 'sync' ? 'sync' : 'merge'))}
            data={[
              { value: 'merge', label: 'Stays' },
              { value: 'sync', label: 'Is deleted, if a file brought it' },
            ]}
          />
        </div>
        <Textarea
          label="The lines"
          description="Paste them, or choose a file."
          placeholder={COLUMNS[kind]}
          value={text}
          onChange={({ currentTarget }) => change(() => setText(currentTarget.value))}
          autosize
          minRows={5}
          maxRows={14}
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '0.8125rem' } }}
        />
        {mode === 'sync' && (
          <Checkbox
            label="Even if more than a third would be deleted"
            checked={force}
            onChange={({ currentTarget }) => change(() => setForce(currentTarget.checked))}
          />
        )}
        <Checkbox
          label="Give away what was made by hand: later files may delete it"
          checked={adopt}
          onChange={({ currentTarget }) => change(() => setAdopt(currentTarget.checked))}
        />
        {run.isError && (
          <p role="alert" className={frame.error}>
            {reasonOf(run.error)}
          </p>
        )}
        {result !== null && <Outcome accountId={accountId} result={result} />}
        <div className={frame.buttons}>
          <FileButton accept=".csv,text/csv,text/plain" onChange={read}>
            {(props) => (
              <Button variant="default" className={frame.first ?? ''} {...props}>
                Choose a file
              </Button>
            )}
          </FileButton>
          <Button
            variant={canApply ? 'default' : 'filled'}
            disabled={text.trim() === ''}
            loading={run.isPending && run.variables}
            onClick={() => run.mutate(true)}
          >
            See what would change
          </Button>
          {canApply && (
            <Button loading={run.isPending && !run.variables} onClick={() => run.mutate(false)}>
              Apply
            </Button>
          )}
        </div>
      </div>
    </Section>
  );
}
