import { Menu, SegmentedControl, UnstyledButton, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { failed } from './say.ts';
import type { Session } from '../api/types.ts';
import { useSignOut } from '../session/session.ts';
import { AutoIcon, KeyIcon, MoonIcon, PersonIcon, SignOutIcon, SunIcon } from '../theme/icons.tsx';
import classes from './person-menu.module.css';

/** Who is signed in: password, theme, sign-out. */
export function PersonMenu({ session }: { readonly session: Session }) {
  const navigate = useNavigate();
  const signOut = useSignOut();
  const name = session.user?.name ?? 'Operator';
  const leave = async (): Promise<void> => {
    try {
      await signOut();
      await navigate({ to: '/sign-in' });
    } catch (error) {
      failed('You could not be signed out', error);
    }
  };
  return (
    <Menu position="top-start" width={230} shadow="md" keepMounted={false}>
      <Menu.Target>
        <UnstyledButton className={classes.person} aria-label={`${name}: your menu`}>
          <span className={classes.face}>
            <PersonIcon size={16} />
          </span>
          <span className={classes.name}>{name}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {session.user === null ? 'Operator of this machine' : `Signed in as ${session.user.login}`}
        </Menu.Label>
        {session.abilities.includes('password.change') && (
          <Menu.Item leftSection={<KeyIcon />} onClick={() => void navigate({ to: '/settings/profile' })}>
            Password and display
          </Menu.Item>
        )}
        <ThemeItems />
        <Menu.Divider />
        <Menu.Item leftSection={<SignOutIcon />} onClick={() => void leave()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

const SCHEMES = [
  { value: 'light', label: 'Light', Icon: SunIcon },
  { value: 'dark', label: 'Dark', Icon: MoonIcon },
  { value: 'auto', label: 'As the system', Icon: AutoIcon },
] as const satisfies readonly { value: MantineColorScheme; label: string; Icon: typeof SunIcon }[];

function ThemeItems() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const next = SCHEMES[(SCHEMES.findIndex(({ value }) => value === colorScheme) + 1) % SCHEMES.length] ?? SCHEMES[0];
  return (
    <Menu.Item leftSection={<next.Icon />} closeMenuOnClick={false} onClick={() => setColorScheme(next.value)}>
      Theme: change to {next.label.toLowerCase()}
    </Menu.Item>
  );
}

/** All three choices at once, for the profile page. */
export function ThemeChoice() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <SegmentedControl
      aria-label="Theme"
      value={colorScheme}
      onChange={(value) => setColorScheme(value)}
      data={SCHEMES.map(({ value, label }) => ({ value, label }))}
    />
  );
}
