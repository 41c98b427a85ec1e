import { NativeSelect, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { accountsQuery } from '../directory/queries.ts';
import { rememberAccount } from './chosen.ts';

/** So many names are found by eye; more are searched. */
const FEW = 12;

/** Which account is worked on, for people who reach several; the same page of the other account is shown. */
export function AccountSwitcher({ accountId }: { readonly accountId: string }) {
  const accounts = useQuery(accountsQuery);
  const navigate = useNavigate();
  const path = useLocation({ select: ({ pathname }) => pathname });
  const items = accounts.data ?? [];
  if (items.length < 2) return null;
  const data = items.map(({ id, name }) => ({ value: id, label: name }));
  const change = (id: string | null): void => {
    if (id === null || id === accountId) return;
    rememberAccount(id);
    void navigate({ to: path.replace(/^\/accounts\/[^/]+/, `/accounts/${encodeURIComponent(id)}`) });
  };
  return items.length <= FEW ? (
    <NativeSelect
      aria-label="Account"
      data={data}
      value={accountId}
      onChange={({ currentTarget }) => change(currentTarget.value)}
    />
  ) : (
    <Select
      aria-label="Account"
      data={data}
      value={accountId}
      onChange={change}
      searchable
      allowDeselect={false}
      maxDropdownHeight={320}
      limit={100}
      nothingFoundMessage="No account of this name"
    />
  );
}
