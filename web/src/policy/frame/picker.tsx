import { MultiSelect, Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { choicesQuery, useNames } from '../../directory/queries.ts';
import type { Kind } from '../../directory/types.ts';
import { KINDS } from '../../words/policy.ts';

interface Common {
  readonly accountId: string;
  readonly kind: Kind;
  readonly label: string;
  readonly description?: string;
  readonly error?: string | null;
}

interface OneProps extends Common {
  readonly id: string | undefined;
  readonly onChange: (id: string | undefined) => void;
  /** What none means. */
  readonly none: string;
  readonly required?: boolean;
}

/** Chooses one entry by name; a search at the server, so that ten thousand are no more work than ten. */
export function PickOne({ accountId, kind, label, description, error, id, onChange, none, required }: OneProps) {
  const { data, typed, setTyped } = useChoices(accountId, kind, id === undefined ? [] : [id]);
  const chosen = data.find(({ value }) => value === id)?.label ?? '';
  return (
    <Select
      label={label}
      description={description}
      error={error}
      placeholder={none}
      data={data}
      value={id ?? null}
      onChange={(value) => onChange(value ?? undefined)}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      // What is chosen stands in the field; it is no search.
      filter={({ options, search }) => (search === chosen ? options : options.filter(fits(search)))}
      clearable={required !== true}
      required={required ?? false}
      withAsterisk={false}
      nothingFoundMessage={`No ${KINDS[kind].one} of this name`}
      clearButtonProps={{ 'aria-label': `${label}: ${none}`, tabIndex: 0 }}
    />
  );
}

interface ManyProps extends Common {
  readonly ids: readonly string[];
  readonly onChange: (ids: string[]) => void;
  readonly placeholder?: string;
}

export function PickMany({ accountId, kind, label, description, error, ids, onChange, placeholder }: ManyProps) {
  const { data, typed, setTyped } = useChoices(accountId, kind, ids);
  return (
    <MultiSelect
      label={label}
      description={description}
      error={error}
      placeholder={ids.length === 0 ? (placeholder ?? 'Nobody yet') : ''}
      data={data}
      value={[...ids]}
      onChange={onChange}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      filter={({ options, search }) => options.filter(fits(search))}
      hidePickedOptions
      clearable
      nothingFoundMessage={`No ${KINDS[kind].one} of this name`}
      clearButtonProps={{ 'aria-label': `${label}: take all out`, tabIndex: 0 }}
    />
  );
}

function useChoices(accountId: string, kind: Kind, ids: readonly string[]) {
  const [typed, setTyped] = useState('');
  const [asked] = useDebouncedValue(typed, 250);
  const names = useNames(accountId, kind, ids);
  const first = useQuery(choicesQuery(accountId, kind, ''));
  const found = useQuery({ ...choicesQuery(accountId, kind, asked.trim()), enabled: asked.trim() !== '' });
  const labels = new Map(ids.map((id) => [id, names.get(id) ?? '…'] as const));
  for (const { id, name } of [...(found.data?.items ?? []), ...(first.data?.items ?? [])]) labels.set(id, name);
  return { data: [...labels].map(([value, label]) => ({ value, label })), typed, setTyped };
}

/** The server searches numbers and user names as well; here a name's parts in any order are enough. */
function fits(search: string) {
  const parts = search.toLowerCase().split(/\s+/).filter(Boolean);
  return (option: object): boolean => {
    const label = 'label' in option ? String(option.label).toLowerCase() : '';
    return parts.every((part) => label.includes(part));
  };
}
