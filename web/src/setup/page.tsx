import { Anchor, Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useLocation, useNavigate } from '@tanstack/react-router';
import type { SubmitEvent } from 'react';
import { fieldText } from '../app/form.ts';
import { Said } from '../app/said.tsx';
import { reasonOf } from '../app/say.ts';
import { api, asked } from '../api/client.ts';
import { RequestFailed } from '../api/problem.ts';
import { Gate } from '../session/gate.tsx';
import { NewPassword } from '../session/new-password.tsx';
import { signedIn } from '../session/session.ts';

/** No link's secret is shorter. */
const LINK_MIN = 20;

/** Makes an administrator. The secret stands after the #, which no browser sends to a server or keeps in a log of one. */
export function SetupPage() {
  const link = useLocation({ select: ({ hash }) => hash });
  if (link.length >= LINK_MIN) return <SetupForm link={link} />;
  return (
    <Gate title="This link is not complete" lead="It ends with # and a long secret. Copy all of it from the terminal.">
      <Anchor component={Link} to="/sign-in">
        Go to the sign-in
      </Anchor>
    </Gate>
  );
}

const FIELDS = ['name', 'login', 'password'] as const;

function SetupForm({ link }: { readonly link: string }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const setUp = useMutation({
    mutationFn: (person: Record<(typeof FIELDS)[number], string>) =>
      asked(api.POST('/api/v1/setup', { body: { link, ...person } })),
    onSuccess: async (session) => {
      signedIn(client, session);
      await navigate({ to: '/', replace: true });
    },
  });
  const key = setUp.error instanceof RequestFailed ? (setUp.error.key ?? '') : '';
  const field = FIELDS.find((name) => key.endsWith(name));
  const errorAt = (name: string): string | undefined => (field === name ? reasonOf(setUp.error) : undefined);
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setUp.mutate({
      name: fieldText(form, 'name').trim(),
      login: fieldText(form, 'login').trim(),
      password: fieldText(form, 'password'),
    });
  };
  return (
    <Gate title="Make the first administrator" lead="This person can hear, change and delete everything.">
      <form onSubmit={submit} aria-label="First administrator">
        <TextInput
          name="name"
          label="Your name"
          autoComplete="name"
          required
          maxLength={200}
          size="md"
          autoFocus
          error={errorAt('name')}
        />
        <TextInput
          name="login"
          label="Login"
          description="Without spaces. Capital letters make no difference."
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          maxLength={100}
          pattern="\S+"
          size="md"
          error={errorAt('login')}
        />
        <NewPassword label="Password" size="md" error={errorAt('password')} />
        {setUp.isError && field === undefined && (
          <p role="alert" data-error>
            <Said text={reasonOf(setUp.error)} />
          </p>
        )}
        <Button type="submit" size="md" fullWidth loading={setUp.isPending}>
          Make administrator and sign in
        </Button>
      </form>
    </Gate>
  );
}
