import { Button, PasswordInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type SubmitEvent } from 'react';
import { fieldText } from '../app/form.ts';
import { Page, Section } from '../app/page.tsx';
import { ThemeChoice } from '../app/person-menu.tsx';
import { done, reasonOf } from '../app/say.ts';
import { api, asked } from '../api/client.ts';
import { RequestFailed } from '../api/problem.ts';
import { NewPassword } from '../session/new-password.tsx';
import { sessionQuery, useMay, useSession } from '../session/session.ts';
import classes from './settings.module.css';

export function ProfilePage() {
  const user = useSession()?.user ?? null;
  const may = useMay();
  return (
    <Page title="You">
      <div className={classes.stack}>
        <Section title="Display">
          <ThemeChoice />
        </Section>
        {may('password.change') && user !== null && (
          <Section
            title="Password"
            note={`For the login ${user.login}. Every other place where you are signed in is signed out.`}
          >
            <PasswordForm login={user.login} />
          </Section>
        )}
      </div>
    </Page>
  );
}

function PasswordForm({ login }: { readonly login: string }) {
  const client = useQueryClient();
  const [round, setRound] = useState(0);
  const change = useMutation({
    mutationFn: (body: { current: string; next: string }) => asked(api.POST('/api/v1/session/password', { body })),
    onSuccess: (session) => {
      client.setQueryData(sessionQuery.queryKey, session);
      setRound(round + 1);
      done('Your password is changed.');
    },
  });
  const key = change.error instanceof RequestFailed ? change.error.key : null;
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    change.mutate({ current: fieldText(form, 'current'), next: fieldText(form, 'password') });
  };
  return (
    <form key={round} onSubmit={submit} className={classes.form} aria-label="Change the password">
      <input type="text" name="username" autoComplete="username" value={login} readOnly hidden />
      <PasswordInput
        name="current"
        label="Present password"
        autoComplete="current-password"
        required
        maxLength={200}
        error={key === 'current' ? reasonOf(change.error) : undefined}
      />
      <NewPassword label="New password" />
      {change.isError && key !== 'current' && (
        <p role="alert" className={classes.error}>
          {reasonOf(change.error)}
        </p>
      )}
      <div>
        <Button type="submit" loading={change.isPending}>
          Change the password
        </Button>
      </div>
    </form>
  );
}
