import { Button, NumberInput, Radio, Skeleton, Stack, Switch } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type SubmitEvent } from 'react';
import { Banner, Failure } from '../app/failure.tsx';
import { Page, Section } from '../app/page.tsx';
import { done, failed } from '../app/say.ts';
import { api, asked } from '../api/client.ts';
import { isStatus } from '../api/problem.ts';
import type { Settings, SettingsChange } from '../api/types.ts';
import { useMay } from '../session/session.ts';
import { counted } from '../words/numbers.ts';
import { settingsQuery } from './queries.ts';
import classes from './settings.module.css';

/** Which calls are recorded, and for how long recordings are kept. */
export function RecordingSettings() {
  const query = useQuery(settingsQuery);
  return (
    <Page title="Recording">
      {query.isPending && <Skeleton height={220} radius="md" role="status" aria-label="Loading the settings" />}
      {query.isError && query.data === undefined && (
        <Failure title="The settings could not be loaded" error={query.error} retry={() => void query.refetch()} />
      )}
      {query.data !== undefined && (
        <div className={classes.stack}>
          {query.data.trunkWarning !== null && <Banner>{query.data.trunkWarning}</Banner>}
          <Accounts settings={query.data} />
          <Retention key={query.data.version} settings={query.data} />
        </div>
      )}
    </Page>
  );
}

type Patch = Omit<SettingsChange, 'version'>;

function useChange(said: (settings: Settings) => string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ version, patch }: { version: number; patch: Patch }) =>
      asked(api.PUT('/api/v1/settings', { body: { version, ...patch } })),
    onSuccess: (settings) => {
      client.setQueryData(settingsQuery.queryKey, settings);
      done(said(settings));
    },
    onError: (error) => {
      failed('The settings were not changed', error);
      // Somebody else has changed them: show what holds now.
      if (isStatus(error, 409)) void client.invalidateQueries({ queryKey: settingsQuery.queryKey });
    },
  });
}

function Accounts({ settings }: { readonly settings: Settings }) {
  const isOne = settings.accounts.length === 1;
  return (
    <Section
      title="Which calls are recorded"
      note="Earshot decides for each call that is sent to it. Each recording tells why it was made, under “Why recorded”."
    >
      <div className={classes.stack}>
        {settings.accounts.map((account) => (
          <AccountSwitch key={account.id} account={account} settings={settings} alone={isOne} />
        ))}
      </div>
    </Section>
  );
}

interface AccountProps {
  readonly account: Settings['accounts'][number];
  readonly settings: Settings;
  readonly alone: boolean;
}

function AccountSwitch({ account, settings, alone }: AccountProps) {
  const may = useMay();
  const change = useChange(
    () => `Account ${account.name} ${account.recordAll ? 'does not record' : 'records'} all calls from now on.`,
  );
  const isOn = change.isPending ? !account.recordAll : account.recordAll;
  return (
    <div className={classes.account}>
      <Switch
        size="md"
        label={alone ? 'Record all calls' : `Record all calls of ${account.name}`}
        description={`Account ${account.name}`}
        checked={isOn}
        disabled={!may('settings.change') || change.isPending}
        onChange={({ currentTarget }) =>
          change.mutate({
            version: settings.version,
            patch: { accounts: [{ id: account.id, recordAll: currentTarget.checked }] },
          })
        }
      />
      <p className={classes.meaning} data-on={isOn || undefined}>
        {isOn
          ? 'On: every call that reaches Earshot for this account is recorded from its first moment, whoever is in it. See that everybody in them is told, where the law asks for it.'
          : 'Off: calls of this account are accepted so that your phone system goes on undisturbed, but their audio is thrown away as it comes and nothing of it is kept.'}
      </p>
    </div>
  );
}

const MOST_DAYS = 36_500;

function Retention({ settings }: { readonly settings: Settings }) {
  const may = useMay();
  const [mode, setMode] = useState(settings.retentionDays === null ? 'keep' : 'days');
  const [days, setDays] = useState<number | string>(settings.retentionDays ?? 90);
  const change = useChange((now) =>
    now.retentionDays === null
      ? 'New recordings are kept until somebody deletes them.'
      : `New recordings are kept for ${counted(now.retentionDays, 'day')}.`,
  );
  const wanted = mode === 'keep' ? null : Number(days);
  const isValid = wanted === null || (Number.isInteger(wanted) && wanted >= 1 && wanted <= MOST_DAYS);
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (isValid) change.mutate({ version: settings.version, patch: { retentionDays: wanted } });
  };
  return (
    <Section
      title="How long recordings are kept"
      note="Holds for recordings made from now on; each one shows its own date. When it has come, the recording is deleted for good."
    >
      <form onSubmit={submit}>
        <Radio.Group value={mode} onChange={setMode} aria-label="How long recordings are kept">
          <Stack gap="sm">
            <Radio value="days" label="Delete after a number of days" disabled={!may('settings.change')} />
            {mode === 'days' && (
              <NumberInput
                label="Days"
                w={160}
                ml={32}
                min={1}
                max={MOST_DAYS}
                allowDecimal={false}
                allowNegative={false}
                value={days}
                onChange={setDays}
                disabled={!may('settings.change')}
                error={isValid ? null : `From 1 to ${MOST_DAYS.toLocaleString()}`}
              />
            )}
            <Radio value="keep" label="Keep until somebody deletes them" disabled={!may('settings.change')} />
          </Stack>
        </Radio.Group>
        {may('settings.change') && (
          <Button
            mt="md"
            type="submit"
            disabled={!isValid || wanted === settings.retentionDays}
            loading={change.isPending}
          >
            Save
          </Button>
        )}
      </form>
    </Section>
  );
}
