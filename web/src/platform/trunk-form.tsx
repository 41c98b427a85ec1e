import { Button, Checkbox, MultiSelect, NativeSelect, NumberInput, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type SubmitEvent } from 'react';
import { done, failed, reasonOf } from '../app/say.ts';
import { api, asked } from '../api/client.ts';
import type { Trunk } from '../api/types.ts';
import { orNothing, patched, type Patch } from '../directory/merge.ts';
import { accountsQuery } from '../directory/queries.ts';
import { Lines } from '../policy/frame/fields.tsx';
import frame from '../policy/frame/frame.module.css';
import { trunksQuery } from './queries.ts';

type Value = Trunk['value'];

interface Props {
  /** Null: a new one. */
  readonly trunk: Trunk | null;
  readonly onDone: () => void;
}

/** One trunk; of one that stands in earshot.yaml only the accounts can be set. */
export function TrunkForm({ trunk, onDone }: Props) {
  const client = useQueryClient();
  const accounts = useQuery(accountsQuery).data ?? [];
  const [name, setName] = useState(trunk?.name ?? '');
  const [value, setValue] = useState<Value>(trunk?.value ?? {});
  const set = (patch: Patch<Value>): void => setValue((now) => patched(now, patch));
  const settle = () => client.invalidateQueries({ queryKey: trunksQuery.queryKey });
  const save = useMutation({
    mutationFn: () =>
      trunk === null
        ? asked(api.POST('/api/v1/trunks', { body: { name, value } }))
        : asked(
            api.PUT('/api/v1/trunks/{name}', {
              params: { path: { name: trunk.name } },
              body: {
                revision: trunk.revision,
                value: trunk.isFromFile ? onlyAccounts(value) : value,
              },
            }),
          ),
    onSuccess: async (saved) => {
      await settle();
      done(`Trunk ${saved.name} is saved.`);
      onDone();
    },
  });
  const remove = useMutation({
    mutationFn: async (of: Trunk) =>
      asked(
        api.DELETE('/api/v1/trunks/{name}', {
          params: { path: { name: of.name }, query: { revision: of.revision } },
        }),
      ),
    onSuccess: async () => {
      await settle();
      done(`Trunk ${name} is deleted. No new calls are taken from it.`);
      onDone();
    },
    onError: (error) => failed('The trunk was not deleted', error),
  });
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    save.mutate();
  };
  const isFixed = trunk?.isFromFile === true;
  return (
    <form onSubmit={submit} className={frame.form} aria-label={trunk?.name ?? 'New trunk'}>
      {isFixed && (
        <p className={frame.soft}>It stands in earshot.yaml: here you can only say which accounts it serves.</p>
      )}
      {trunk === null && (
        <TextInput
          label="Name"
          required
          pattern="[\w.\-]{1,64}"
          description="Letters, digits, dots, dashes."
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
          data-autofocus
        />
      )}
      <MultiSelect
        label="Accounts that it serves"
        placeholder={value.accountIds === undefined ? 'Any' : ''}
        description="None chosen: any account, told apart by numbers and metadata."
        searchable
        clearable
        data={accounts.map((account) => ({ value: account.id, label: account.name }))}
        value={value.accountIds ?? []}
        onChange={(ids) => set({ accountIds: ids.length === 0 ? undefined : ids })}
        clearButtonProps={{ 'aria-label': 'Accounts that it serves: take all out', tabIndex: 0 }}
      />
      {!isFixed && <Fields value={value} set={set} />}
      {save.isError && (
        <p role="alert" className={frame.error}>
          {reasonOf(save.error)}
        </p>
      )}
      <div className={`${frame.buttons} ${frame.footer}`}>
        {trunk !== null && !isFixed && (
          <Button
            variant="subtle"
            color="red"
            className={frame.first ?? ''}
            loading={remove.isPending}
            onClick={() => remove.mutate(trunk)}
          >
            Delete
          </Button>
        )}
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit" loading={save.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}

function onlyAccounts({ accountIds }: Value): Value {
  return accountIds === undefined ? {} : { accountIds };
}

const HEADERS = [
  ['override', 'Override (force, deny, manual)'],
  ['dialled', 'Number dialled first'],
  ['presented', 'Number shown to the called party'],
  ['queue', 'Queue'],
  ['tenant', 'Tenant'],
] as const;

function Fields({ value, set }: { readonly value: Value; readonly set: (patch: Patch<Value>) => void }) {
  return (
    <>
      <div className={frame.pair}>
        <Lines
          label="Addresses that calls come from"
          description="Addresses or ranges, one per line; empty: any private address."
          lines={value.addresses}
          onChange={(addresses) => set({ addresses })}
        />
        <Lines
          label="Further addresses of media"
          description="Besides what is agreed on for the call."
          lines={value.media}
          onChange={(media) => set({ media })}
        />
      </div>
      <Digest value={value} set={set} />
      <div className={frame.pair}>
        <NativeSelect
          label="Signalling"
          value={value.tls ?? 'any'}
          onChange={({ currentTarget }) => set({ tls: currentTarget.value as NonNullable<Value['tls']> })}
          data={[
            { value: 'any', label: 'Over UDP, TCP or TLS' },
            { value: 'required', label: 'TLS only' },
            { value: 'certificate', label: 'TLS with its own certificate' },
          ]}
        />
        <NativeSelect
          label="Media"
          value={value.srtp ?? 'any'}
          onChange={({ currentTarget }) => set({ srtp: currentTarget.value as NonNullable<Value['srtp']> })}
          data={[
            { value: 'any', label: 'Plain or encrypted' },
            { value: 'required', label: 'Encrypted only (SRTP)' },
          ]}
        />
        <NativeSelect
          label="A call that nobody wants recorded"
          value={value.unwanted ?? 'accept'}
          onChange={({ currentTarget }) => set({ unwanted: currentTarget.value === 'refuse' ? 'refuse' : 'accept' })}
          data={[
            { value: 'accept', label: 'Is accepted and thrown away' },
            { value: 'refuse', label: 'Is refused' },
          ]}
        />
        <NumberInput
          label="Calls at once"
          description="Empty: as many as there is room for"
          min={1}
          max={16_000}
          allowDecimal={false}
          value={value.calls ?? ''}
          onChange={(calls) => set({ calls: calls === '' ? null : Number(calls) })}
        />
      </div>
      <Checkbox
        label="Strict: refuse what does not keep to the standard (RFC 7866)"
        checked={value.strict === true}
        onChange={({ currentTarget }) => set({ strict: currentTarget.checked || undefined })}
      />
      <fieldset className={frame.choices}>
        <legend>Headers that tell something</legend>
        {HEADERS.map(([key, label]) => (
          <TextInput
            key={key}
            label={label}
            placeholder={key === 'override' ? 'MDC_MON_MODE' : ''}
            maxLength={64}
            value={value.headers?.[key] ?? ''}
            onChange={({ currentTarget }) =>
              set({ headers: orNothing(patched(value.headers ?? {}, { [key]: currentTarget.value || undefined })) })
            }
          />
        ))}
      </fieldset>
    </>
  );
}

function Digest({ value, set }: { readonly value: Value; readonly set: (patch: Patch<Value>) => void }) {
  const digest = value.digest ?? null;
  return (
    <div className={frame.pair}>
      <TextInput
        label="User name that it signs in with"
        description="Empty: its address is enough."
        autoComplete="off"
        maxLength={200}
        value={digest?.username ?? ''}
        onChange={({ currentTarget: { value: username } }) =>
          set({ digest: username === '' ? undefined : { ...digest, username } })
        }
      />
      {digest !== null && (
        <PasswordInput
          label="Password"
          description="Empty: stays as it is."
          autoComplete="new-password"
          maxLength={200}
          value={digest.password ?? ''}
          onChange={({ currentTarget: { value: password } }) =>
            set({ digest: patched(digest, { password: password === '' ? undefined : password }) })
          }
        />
      )}
    </div>
  );
}
