import { Anchor, Button, Skeleton } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useLocation, useNavigate } from '@tanstack/react-router';
import type { SubmitEvent } from 'react';
import { fieldText } from '../app/form.ts';
import { Said } from '../app/said.tsx';
import { reasonOf } from '../app/say.ts';
import { api, asked } from '../api/client.ts';
import { Gate } from './gate.tsx';
import { NewPassword } from './new-password.tsx';
import { signedIn } from './session.ts';

/** An invited person chooses a password. The secret stands after the #, which no browser sends to a server. */
export function JoinPage() {
  const link = useLocation({ select: ({ hash }) => hash });
  const invitation = useQuery({
    queryKey: ['invitation', link],
    queryFn: () => asked(api.POST('/api/v1/invitations/state', { body: { link } })),
    enabled: link.length >= 20,
    retry: false,
  });
  if (link.length < 20 || invitation.isError) {
    return (
      <Gate
        title="This link cannot be used"
        lead={invitation.isError ? reasonOf(invitation.error) : 'It ends with # and a long secret. Copy all of it.'}
      >
        <Anchor component={Link} to="/sign-in">
          Go to the sign-in
        </Anchor>
      </Gate>
    );
  }
  if (invitation.data === undefined) {
    return (
      <Gate title="Welcome">
        <Skeleton height={120} role="status" aria-label="Looking the invitation up" />
      </Gate>
    );
  }
  return <JoinForm link={link} login={invitation.data.login} name={invitation.data.name} />;
}

interface Props {
  readonly link: string;
  readonly login: string;
  readonly name: string;
}

function JoinForm({ link, login, name }: Props) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const join = useMutation({
    mutationFn: (password: string) => asked(api.POST('/api/v1/invitations', { body: { link, password } })),
    onSuccess: async (session) => {
      signedIn(client, session);
      await navigate({ to: '/', replace: true });
    },
  });
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    join.mutate(fieldText(new FormData(event.currentTarget), 'password'));
  };
  return (
    <Gate title={`Welcome, ${name}`} lead={`Choose a password for your login ${login}.`}>
      <form onSubmit={submit} aria-label="Choose a password">
        <input type="text" name="username" autoComplete="username" value={login} readOnly hidden />
        <NewPassword label="Password" size="md" />
        {join.isError && (
          <p role="alert" data-error>
            <Said text={reasonOf(join.error)} />
          </p>
        )}
        <Button type="submit" size="md" fullWidth loading={join.isPending}>
          Set password and sign in
        </Button>
      </form>
    </Gate>
  );
}
