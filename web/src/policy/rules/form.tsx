import { Checkbox, NativeSelect, Radio, Stack, Switch, TextInput } from '@mantine/core';
import { orNothing } from '../../directory/merge.ts';
import { useNames } from '../../directory/queries.ts';
import type { RuleValue, Scope } from '../../directory/types.ts';
import { ruleSentences } from '../../words/rule.ts';
import type { FormProps } from '../frame/editor.tsx';
import { HandlingFields } from '../frame/fields.tsx';
import frame from '../frame/frame.module.css';
import { PickOne } from '../frame/picker.tsx';
import classes from './rules.module.css';

/** A rule, with its meaning written out while it is made. */
export function RuleForm({ accountId, value, set, fault }: FormProps<RuleValue>) {
  const roles = useNames(accountId, 'roles', value.roleId === undefined ? [] : [value.roleId]);
  const role = value.roleId === undefined ? null : (roles.get(value.roleId) ?? 'the role');
  return (
    <>
      <p className={classes.meaning} data-on={value.isOn || undefined} data-testid="meaning">
        {ruleSentences(value, role).join(' ')}
      </p>
      <TextInput
        label="Description"
        required
        maxLength={200}
        value={value.description}
        onChange={({ currentTarget }) => set({ description: currentTarget.value })}
        error={fault === 'description' ? 'Another description, please.' : null}
        data-autofocus
      />
      <Switch label="On" checked={value.isOn} onChange={({ currentTarget }) => set({ isOn: currentTarget.checked })} />
      <Radio.Group
        label="What happens"
        value={value.mode}
        onChange={(mode) =>
          set(mode === 'manual' ? { mode, scope: undefined } : { mode: 'automatic', liveKeep: undefined })
        }
      >
        <Stack gap={8} mt={6}>
          <Radio value="automatic" label="Record automatically" />
          <Radio value="manual" label="May be recorded by hand" />
        </Stack>
      </Radio.Group>
      {value.mode === 'manual' && (
        <Checkbox
          label="Hold everything, and keep it if somebody asks"
          description="The call is held sealed from its start and destroyed unless somebody asks for it in time."
          checked={value.liveKeep === true}
          onChange={({ currentTarget }) => set({ liveKeep: currentTarget.checked || undefined })}
        />
      )}
      <PickOne
        accountId={accountId}
        kind="roles"
        label="Whose calls"
        description="The members of a role. Without one: everybody, and calls in which nobody is known."
        none="Everybody"
        id={value.roleId}
        onChange={(roleId) => set({ roleId })}
        error={fault === 'roleId' ? 'There is no such role any more.' : null}
      />
      <Which value={value} set={set} />
      <HandlingFields
        value={value.handling}
        onChange={(handling) => set({ handling: handling === undefined ? undefined : orNothing(handling) })}
        inherits="As set for user, group or account"
      />
    </>
  );
}

function Which({ value, set }: Pick<FormProps<RuleValue>, 'value' | 'set'>) {
  return (
    <div className={frame.pair}>
      <NativeSelect
        label="Direction"
        description={value.roleId === undefined ? 'As the account sees it' : 'As the member’s phone sees it'}
        value={value.direction ?? 'both'}
        onChange={({ currentTarget }) => set({ direction: currentTarget.value as 'in' | 'out' | 'both' })}
        data={[
          { value: 'both', label: 'Incoming and outgoing' },
          { value: 'in', label: 'Incoming' },
          { value: 'out', label: 'Outgoing' },
        ]}
      />
      <NativeSelect
        label="The other party"
        description="Internal: a known user or internal number"
        value={value.origin ?? 'both'}
        onChange={({ currentTarget }) => set({ origin: currentTarget.value as 'internal' | 'external' | 'both' })}
        data={[
          { value: 'both', label: 'Anybody' },
          { value: 'external', label: 'External' },
          { value: 'internal', label: 'Internal' },
        ]}
      />
      {value.mode === 'automatic' && (
        <NativeSelect
          label="When the call is transferred"
          description="For how long the recording goes on"
          value={value.scope ?? ''}
          onChange={({ currentTarget }) =>
            set({ scope: currentTarget.value === '' ? undefined : (currentTarget.value as Scope) })
          }
          data={[
            {
              value: '',
              label: value.roleId === undefined ? 'Usual: to the end of the call' : 'Usual: while the member is in it',
            },
            { value: 'call', label: 'To the end of the call' },
            { value: 'external-party', label: 'While the outside party is in it' },
            { value: 'endpoint', label: 'While the member is in it' },
          ]}
        />
      )}
    </div>
  );
}
