import { Button, Checkbox, NativeSelect, PasswordInput, Skeleton, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type SubmitEvent } from 'react';
import { Banner, Failure } from '../../app/failure.tsx';
import { Section } from '../../app/page.tsx';
import { done, failed, reasonOf } from '../../app/say.ts';
import { api, asked } from '../../api/client.ts';
import { isStatus } from '../../api/problem.ts';
import type { ImportResult, LdapConnection } from '../../api/types.ts';
import { directoryKey, refreshAccount } from '../../directory/queries.ts';
import { patched, type Patch } from '../../directory/merge.ts';
import { ago, moment } from '../../words/time.ts';
import frame from '../frame/frame.module.css';
import { Outcome } from './outcome.tsx';

type Value = LdapConnection['value'];

const NEW: Value = { url: '', baseDn: '', type: 'active-directory' };

/** Users from LDAP or Active Directory: the connection, a trial, and a run by hand or by the clock. */
export function LdapSection({ accountId }: { readonly accountId: string }) {
  const path = { params: { path: { accountId } } };
  const connection = useQuery({
    queryKey: [...directoryKey(accountId), 'ldap'],
    queryFn: async ({ signal }): Promise<LdapConnection | null> => {
      try {
        return await asked(api.GET('/api/v1/accounts/{accountId}/imports/ldap', { ...path, signal }));
      } catch (error) {
        if (isStatus(error, 404)) return null;
        throw error;
      }
    },
  });
  return (
    <Section
      title="From a directory server"
      note="LDAP or Active Directory. Users follow the server on each run; whom it names no more is deleted, and the recordings stay."
    >
      {connection.isPending && <Skeleton height={120} role="status" aria-label="Loading the connection" />}
      {connection.isError && connection.data === undefined && (
        <Failure
          title="The connection could not be loaded"
          error={connection.error}
          retry={() => void connection.refetch()}
        />
      )}
      {connection.data !== undefined && (
        <ConnectionForm key={connection.data?.revision ?? 0} accountId={accountId} stored={connection.data} />
      )}
    </Section>
  );
}

interface FormProps {
  readonly accountId: string;
  /** Null: there is none yet. */
  readonly stored: LdapConnection | null;
}

function ConnectionForm({ accountId, stored }: FormProps) {
  const client = useQueryClient();
  const [value, setValue] = useState<Value>(stored?.value ?? NEW);
  const [password, setPassword] = useState('');
  const set = (patch: Patch<Value>): void => setValue((now) => patched(now, patch));
  const path = { params: { path: { accountId } } };
  const refresh = () => refreshAccount(client, accountId);
  const save = useMutation({
    mutationFn: () =>
      asked(
        api.PUT('/api/v1/accounts/{accountId}/imports/ldap', {
          ...path,
          body: { revision: stored?.revision ?? 0, value, ...(password === '' ? {} : { password }) },
        }),
      ),
    onSuccess: () => {
      done('The connection is saved.');
      return refresh();
    },
  });
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className={frame.form} aria-label="Directory server">
      <Server value={value} set={set} />
      <PasswordInput
        label="Password"
        description={stored?.hasPassword === true ? 'There is one; empty: it stays.' : 'Of the name above.'}
        autoComplete="off"
        maxLength={500}
        value={password}
        onChange={({ currentTarget }) => setPassword(currentTarget.value)}
      />
      <Groups value={value} set={set} />
      {save.isError && (
        <p role="alert" className={frame.error}>
          {reasonOf(save.error)}
        </p>
      )}
      <div className={frame.buttons}>
        <Button type="submit" loading={save.isPending}>
          Save the connection
        </Button>
      </div>
      {stored !== null && <Run accountId={accountId} stored={stored} onDone={refresh} />}
    </form>
  );
}

interface PartProps {
  readonly value: Value;
  readonly set: (patch: Patch<Value>) => void;
}

function Server({ value, set }: PartProps) {
  return (
    <div className={frame.pair}>
      <TextInput
        label="Address"
        description="ldaps://host or ldap://host"
        placeholder="ldaps://directory.example.com"
        required
        maxLength={300}
        value={value.url}
        onChange={({ currentTarget }) => set({ url: currentTarget.value.trim() })}
      />
      <NativeSelect
        label="Kind"
        description="Which attributes are usual"
        value={value.type}
        onChange={({ currentTarget }) => set({ type: currentTarget.value as Value['type'] })}
        data={[
          { value: 'active-directory', label: 'Active Directory' },
          { value: 'openldap', label: 'OpenLDAP and others' },
        ]}
      />
      <TextInput
        label="Where the users are"
        description="Distinguished name"
        placeholder="ou=people,dc=example,dc=com"
        required
        maxLength={1000}
        value={value.baseDn}
        onChange={({ currentTarget }) => set({ baseDn: currentTarget.value })}
      />
      <TextInput
        label="Filter"
        description="RFC 4515; empty: the usual one"
        maxLength={2000}
        value={value.filter ?? ''}
        onChange={({ currentTarget }) => set({ filter: currentTarget.value || undefined })}
      />
      <TextInput
        label="Sign in as"
        description="Distinguished name; empty: without a name"
        maxLength={1000}
        value={value.bindDn ?? ''}
        onChange={({ currentTarget }) => set({ bindDn: currentTarget.value || undefined })}
      />
      <TextInput
        label="Run by the clock"
        description="Cron, local time; empty: by hand only"
        placeholder="0 3 * * *"
        maxLength={100}
        value={value.schedule ?? ''}
        onChange={({ currentTarget }) => set({ schedule: currentTarget.value || undefined })}
      />
      {value.url.startsWith('ldap://') && (
        <Checkbox
          label="Encrypt before anything is said (StartTLS)"
          checked={value.startTls !== false}
          onChange={({ currentTarget }) => set({ startTls: currentTarget.checked ? undefined : false })}
        />
      )}
      <Textarea
        label="Certificate of its authority"
        description="PEM; empty: the usual ones"
        autosize
        minRows={1}
        maxRows={6}
        spellCheck={false}
        value={value.ca ?? ''}
        onChange={({ currentTarget }) => set({ ca: currentTarget.value || undefined })}
      />
    </div>
  );
}

function Groups({ value, set }: PartProps) {
  const { groups } = value;
  return (
    <div className={frame.pair}>
      <NativeSelect
        label="Groups of the directory become"
        value={groups?.as ?? ''}
        onChange={({ currentTarget: { value: as } }) =>
          set({ groups: as === 'teams' || as === 'groups' ? { baseDn: '', ...groups, as } : undefined })
        }
        data={[
          { value: '', label: 'Nothing: they are not read' },
          { value: 'teams', label: 'Teams' },
          { value: 'groups', label: 'Recording groups of their members' },
        ]}
      />
      {groups !== undefined && (
        <TextInput
          label="Where the groups are"
          required
          maxLength={1000}
          placeholder="ou=groups,dc=example,dc=com"
          value={groups.baseDn}
          onChange={({ currentTarget }) => set({ groups: { ...groups, baseDn: currentTarget.value } })}
        />
      )}
    </div>
  );
}

interface RunProps {
  readonly accountId: string;
  readonly stored: LdapConnection;
  readonly onDone: () => Promise<void>;
}

function Run({ accountId, stored, onDone }: RunProps) {
  const [force, setForce] = useState(false);
  const [adopt, setAdopt] = useState(false);
  const run = useMutation({
    mutationFn: (dryRun: boolean): Promise<ImportResult> =>
      asked(
        api.POST('/api/v1/accounts/{accountId}/imports/ldap', {
          params: { path: { accountId } },
          body: { dryRun, ...(force ? { force } : {}), ...(adopt ? { adopt } : {}) },
        }),
      ),
    onError: (error) => failed('The directory was not read', error),
    onSuccess: (result) => (result.applied ? onDone() : undefined),
  });
  const { lastRun, nextRun } = stored;
  return (
    <>
      {lastRun !== null &&
        (lastRun.ok ? (
          <p className={frame.soft}>
            Last run {ago(lastRun.at)}: {lastRun.text}
          </p>
        ) : (
          <Banner tone="bad">
            Last run {ago(lastRun.at)}: {lastRun.text}
          </Banner>
        ))}
      {nextRun !== null && <p className={frame.soft}>Next run: {moment(nextRun)}</p>}
      {run.data !== undefined && <Outcome accountId={accountId} result={run.data} />}
      <Checkbox
        label="Even if more than a third would be deleted"
        checked={force}
        onChange={({ currentTarget }) => setForce(currentTarget.checked)}
      />
      <Checkbox
        label="Give away what was made by hand: the server may delete it later"
        checked={adopt}
        onChange={({ currentTarget }) => setAdopt(currentTarget.checked)}
      />
      <div className={frame.buttons}>
        <Button variant="default" loading={run.isPending && run.variables} onClick={() => run.mutate(true)}>
          See what would change
        </Button>
        <Button variant="default" loading={run.isPending && !run.variables} onClick={() => run.mutate(false)}>
          Run now
        </Button>
      </div>
    </>
  );
}
