import { Accordion, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { patched } from '../../directory/merge.ts';
import { choicesQuery } from '../../directory/queries.ts';
import { PickOne } from '../frame/picker.tsx';
import { OVERRIDES, type Example, type Override } from './example.ts';
import classes from './explain.module.css';

interface Props {
  readonly accountId: string;
  readonly example: Example;
  readonly onChange: (example: Example) => void;
}

type Key = keyof Example;

/** Who calls whom first; what is seldom needed is folded away. */
export function ExampleForm({ accountId, example, onChange }: Props) {
  const set = (patch: { [K in Key]?: Example[K] | undefined }): void => onChange(patched(example, patch));
  const used = (
    [
      'queue',
      'dialled',
      'presented',
      'agent',
      'pilot',
      'trunk',
      'tenant',
      'override',
      'flow',
      'fromDevice',
      'toDevice',
    ] as const
  ).some((key) => example[key] !== undefined);
  return (
    <form className={classes.form} aria-label="The call" onSubmit={(event) => event.preventDefault()}>
      <Party accountId={accountId} side="from" example={example} set={set} />
      <Party accountId={accountId} side="to" example={example} set={set} />
      <Accordion variant="contained" defaultValue={used ? 'more' : null}>
        <Accordion.Item value="more">
          <Accordion.Control>How it comes</Accordion.Control>
          <Accordion.Panel>
            <More accountId={accountId} example={example} set={set} />
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </form>
  );
}

interface PartProps {
  readonly accountId: string;
  readonly example: Example;
  readonly set: (patch: { [K in Key]?: Example[K] | undefined }) => void;
}

function Party({ accountId, side, example, set }: PartProps & { readonly side: 'from' | 'to' }) {
  const userKey = side === 'from' ? 'fromUser' : 'toUser';
  const legend = side === 'from' ? 'Who calls' : 'Who is called';
  return (
    <fieldset className={classes.party}>
      <legend>{legend}</legend>
      <Text
        label={side === 'from' ? 'Number of the caller' : 'Number that is called'}
        placeholder="+1 555 0100 or 1001"
        value={example[side]}
        onChange={(value) => set({ [side]: value })}
      />
      <PickOne
        accountId={accountId}
        kind="users"
        label={side === 'from' ? 'Or a user calls' : 'Or a user is called'}
        none="Nobody chosen"
        id={example[userKey]}
        onChange={(id) => set({ [userKey]: id })}
      />
    </fieldset>
  );
}

const OVERRIDE_WORDS: Readonly<Record<Override, string>> = {
  auto: 'Auto: the usual decision',
  force: 'Force: record in every case',
  deny: 'Deny: nobody may record',
  manual: 'Manual: by hand only',
};

function More({ accountId, example, set }: PartProps) {
  const queues = useQuery(choicesQuery(accountId, 'queues', '')).data?.items ?? [];
  const numbers = useQuery(choicesQuery(accountId, 'numbers', '')).data?.items ?? [];
  const lists = { queues: 'explain-queues', numbers: 'explain-numbers' };
  return (
    <div className={classes.more}>
      <Text
        label="Number dialled first"
        description="The public number behind a queue or call flow"
        list={lists.numbers}
        value={example.dialled}
        onChange={(dialled) => set({ dialled })}
      />
      <Text label="Queue" list={lists.queues} value={example.queue} onChange={(queue) => set({ queue })} />
      <Text
        label="Agent id"
        description="Who answers from the queue"
        value={example.agent}
        onChange={(agent) => set({ agent })}
      />
      <Text
        label="Number shown"
        description="Caller id of an outgoing call"
        list={lists.numbers}
        value={example.presented}
        onChange={(presented) => set({ presented })}
      />
      <Text
        label="Device of the caller"
        description="Name or MAC address"
        value={example.fromDevice}
        onChange={(fromDevice) => set({ fromDevice })}
      />
      <Text label="Device that is called" value={example.toDevice} onChange={(toDevice) => set({ toDevice })} />
      <NativeSelect
        label="Override"
        value={example.override ?? ''}
        onChange={({ currentTarget }) => set({ override: OVERRIDES.find((value) => value === currentTarget.value) })}
        data={[{ value: '', label: 'None' }, ...OVERRIDES.map((value) => ({ value, label: OVERRIDE_WORDS[value] }))]}
      />
      <NativeSelect
        label="Last step of a call flow"
        value={example.flow ?? ''}
        onChange={({ currentTarget: { value } }) =>
          set({ flow: value === 'start' || value === 'stop' ? value : undefined })
        }
        data={[
          { value: '', label: 'None' },
          { value: 'start', label: 'Start recording' },
          { value: 'stop', label: 'Stop recording' },
        ]}
      />
      <Text label="Pilot number" value={example.pilot} onChange={(pilot) => set({ pilot })} />
      <Text label="Trunk" value={example.trunk} onChange={(trunk) => set({ trunk })} />
      <Text label="Group or tenant id" value={example.tenant} onChange={(tenant) => set({ tenant })} />
      <datalist id={lists.queues}>
        {queues.map(({ id, name }) => (
          <option key={id} value={name} />
        ))}
      </datalist>
      <datalist id={lists.numbers}>
        {numbers.map(({ id, value }) => (
          <option key={id} value={value.number} />
        ))}
      </datalist>
    </div>
  );
}

interface TextProps {
  readonly label: string;
  readonly description?: string;
  readonly placeholder?: string;
  readonly list?: string;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}

function Text({ label, description, placeholder, list, value, onChange }: TextProps) {
  return (
    <TextInput
      label={label}
      description={description}
      placeholder={placeholder}
      list={list}
      maxLength={200}
      value={value ?? ''}
      onChange={({ currentTarget }) => onChange(currentTarget.value || undefined)}
    />
  );
}
