import { Menu, UnstyledButton } from '@mantine/core';
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { rememberAccount } from '../account/chosen.ts';
import { AccountSwitcher } from '../account/switcher.tsx';
import { useMay, type Ability } from '../session/session.ts';
import { ChevronDownIcon } from '../theme/icons.tsx';
import { useAccountId } from './frame/address.ts';
import classes from './layout.module.css';

interface Part {
  readonly to: string;
  readonly label: string;
  readonly needs: Ability;
}

interface Group {
  readonly title: string;
  readonly parts: readonly Part[];
}

/** The pages of one account; `to` is what follows the account in the address. */
const GROUPS: readonly Group[] = [
  {
    title: 'What is recorded',
    parts: [
      { to: 'rules', label: 'Rules', needs: 'directory.read' },
      { to: 'matrix', label: 'Users & devices', needs: 'directory.read' },
      { to: 'numbers', label: 'Numbers', needs: 'directory.read' },
      { to: 'queues', label: 'Queues', needs: 'directory.read' },
      { to: 'filters', label: 'Filters', needs: 'directory.read' },
      { to: 'account', label: 'By hand, pause, keeping', needs: 'directory.read' },
    ],
  },
  {
    title: 'Check',
    parts: [
      { to: 'explain', label: 'Try a call', needs: 'explain' },
      { to: 'history', label: 'History', needs: 'directory.read' },
    ],
  },
  {
    title: 'Who is who',
    parts: [
      { to: 'users', label: 'Users', needs: 'directory.read' },
      { to: 'devices', label: 'Devices', needs: 'directory.read' },
      { to: 'roles', label: 'Roles', needs: 'directory.read' },
      { to: 'teams', label: 'Teams', needs: 'directory.read' },
      { to: 'groups', label: 'Groups', needs: 'directory.read' },
      { to: 'imports', label: 'Import', needs: 'directory.change' },
    ],
  },
];

/** Rules and people of one account: which account, and its pages in groups. */
export function PolicyLayout() {
  const accountId = useAccountId();
  useEffect(() => rememberAccount(accountId), [accountId]);
  return (
    <div className={classes.layout}>
      <aside className={classes.side} aria-label="Rules and people">
        <AccountSwitcher accountId={accountId} />
        <WideNav accountId={accountId} />
        <NarrowNav accountId={accountId} />
      </aside>
      <div className={classes.part}>
        <Outlet key={accountId} />
      </div>
    </div>
  );
}

function useGroups(): readonly Group[] {
  const may = useMay();
  return GROUPS.map(({ title, parts }) => ({ title, parts: parts.filter(({ needs }) => may(needs)) })).filter(
    ({ parts }) => parts.length > 0,
  );
}

function WideNav({ accountId }: { readonly accountId: string }) {
  return (
    <nav className={classes.wide} aria-label="Rules and people">
      {useGroups().map(({ title, parts }) => (
        <div key={title}>
          <p className={classes.group} id={`group-${title}`}>
            {title}
          </p>
          <ul aria-labelledby={`group-${title}`}>
            {parts.map(({ to, label }) => (
              <li key={to}>
                <Link to={pathOf(accountId, to)} activeProps={{ 'data-active': true, 'aria-current': 'page' }}>
                  {label}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

/** On a phone: one button that tells where one is and leads to the others. */
function NarrowNav({ accountId }: { readonly accountId: string }) {
  const groups = useGroups();
  const navigate = useNavigate();
  const here = useLocation({ select: ({ pathname }) => pathname.split('/')[3] ?? '' });
  const label = groups.flatMap(({ parts }) => parts).find(({ to }) => to === here)?.label ?? 'Rules and people';
  return (
    <div className={classes.narrow}>
      <Menu position="bottom-start" width="target">
        <Menu.Target>
          <UnstyledButton className={classes.here} aria-label={`Page: ${label}. Choose another`}>
            <span>{label}</span>
            <ChevronDownIcon size={16} />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown mah="70vh" style={{ overflowY: 'auto' }}>
          {groups.map(({ title, parts }) => (
            <div key={title} role="group" aria-label={title}>
              <Menu.Label aria-hidden="true">{title}</Menu.Label>
              {parts.map((part) => (
                <Menu.Item key={part.to} onClick={() => void navigate({ to: pathOf(accountId, part.to) })}>
                  {part.label}
                </Menu.Item>
              ))}
            </div>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

const pathOf = (accountId: string, part: string): string => `/accounts/${encodeURIComponent(accountId)}/${part}`;
