import { Alert, Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useRef, type SubmitEvent } from 'react';
import { fieldText } from '../app/form.ts';
import { reasonOf } from '../app/say.ts';
import { api, asked } from '../api/client.ts';
import { readBack } from './back.ts';
import { Gate } from './gate.tsx';
import { signedIn } from './session.ts';

const route = getRouteApi('/sign-in');

export function SignInPage() {
  const { back } = route.useSearch({ select: readBack });
  const router = useRouter();
  const client = useQueryClient();
  const password = useRef<HTMLInputElement>(null);
  const setup = useQuery({
    queryKey: ['setup'],
    queryFn: ({ signal }) => asked(api.GET('/api/v1/setup/state', { signal })),
  });
  const signIn = useMutation({
    mutationFn: (body: { login: string; password: string }) => asked(api.POST('/api/v1/session', { body })),
    onSuccess: async (session) => {
      signedIn(client, session);
      router.history.push(back ?? '/');
    },
    onError: () => password.current?.select(),
  });
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    signIn.mutate({ login: fieldText(form, 'login').trim(), password: fieldText(form, 'password') });
  };
  return (
    <Gate title="Sign in" lead={back === undefined ? undefined : 'Sign in to go on where you were.'}>
      {setup.data?.needed === true && (
        <Alert color="sea" title="Nobody can sign in yet">
          Make the first administrator with the one-time link that Earshot printed in its terminal when it started.
        </Alert>
      )}
      <form onSubmit={submit} aria-label="Sign in">
        <TextInput
          name="login"
          label="Login"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          maxLength={100}
          size="md"
          autoFocus
        />
        <PasswordInput
          ref={password}
          name="password"
          label="Password"
          autoComplete="current-password"
          required
          maxLength={200}
          size="md"
        />
        {signIn.isError && (
          <p role="alert" data-error>
            {reasonOf(signIn.error)}
          </p>
        )}
        <Button type="submit" size="md" fullWidth loading={signIn.isPending}>
          Sign in
        </Button>
      </form>
    </Gate>
  );
}
