import { Badge, Button, Modal, NativeSelect, Skeleton, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type SubmitEvent } from 'react';
import { CopyText } from '../app/copy.tsx';
import { Empty, Failure } from '../app/failure.tsx';
import { fieldText } from '../app/form.ts';
import { Page, Section } from '../app/page.tsx';
import { done, failed, reasonOf } from '../app/say.ts';
import { api, asked } from '../api/client.ts';
import type { Person, Role } from '../api/types.ts';
import { accountsQuery } from '../directory/queries.ts';
import { PickOne } from '../policy/frame/picker.tsx';
import { useMay, useSession } from '../session/session.ts';
import classes from '../settings/settings.module.css';
import { PeopleIcon } from '../theme/icons.tsx';
import { ago, moment } from '../words/time.ts';
import { brandsQuery, peopleQuery } from './queries.ts';

const ROLES: Readonly<Record<Role, string>> = {
  operator: 'Platform operator: everything',
  brand: 'Brand administrator: the accounts of a brand',
  administrator: 'Account administrator: one account',
  user: 'User: own calls and recordings',
};

const SHORT: Readonly<Record<Role, string>> = {
  operator: 'Operator',
  brand: 'Brand administrator',
  administrator: 'Administrator',
  user: 'User',
};

/** Who signs in, at which level. */
export function PeoplePage() {
  const may = useMay();
  const people = useQuery(peopleQuery);
  const [asking, setAsking] = useState(false);
  return (
    <Page title="People">
      <Section
        title="Who signs in"
        note="Not the same as the users whose calls are recorded; a person may be tied to one of them and then sees the calls of that user."
        actions={may('people.change') && <Button onClick={() => setAsking(true)}>Invite a person</Button>}
      >
        {people.isPending && <Skeleton height={80} role="status" aria-label="Loading the people" />}
        {people.isError && people.data === undefined && (
          <Failure title="The people could not be loaded" error={people.error} retry={() => void people.refetch()} />
        )}
        {people.data?.length === 0 && (
          <Empty icon={<PeopleIcon size={22} />} title="Nobody yet">
            <p>Invite whoever should hear recordings or set rules.</p>
          </Empty>
        )}
        <ul className={classes.tokens} aria-label="People">
          {people.data?.map((person) => (
            <PersonLine key={person.id} person={person} />
          ))}
        </ul>
      </Section>
      <Modal opened={asking} onClose={() => setAsking(false)} title="Invite a person" closeOnClickOutside={false}>
        <InvitePerson onDone={() => setAsking(false)} />
      </Modal>
    </Page>
  );
}

function PersonLine({ person }: { readonly person: Person }) {
  const may = useMay();
  const me = useSession()?.user?.id;
  const client = useQueryClient();
  const [link, setLink] = useState<string | null>(null);
  const refresh = () => client.invalidateQueries({ queryKey: peopleQuery.queryKey });
  const path = { params: { path: { id: person.id } } };
  const invite = useMutation({
    mutationFn: () => asked(api.POST('/api/v1/people/{id}/invitation', path)),
    onSuccess: ({ url }) => setLink(url),
    onError: (error) => failed('No new link was made', error),
  });
  const toggle = useMutation({
    mutationFn: () =>
      asked(api.PUT('/api/v1/people/{id}', { ...path, body: { isDisabled: person.state !== 'disabled' } })),
    onSuccess: ({ name, state }) =>
      done(`${name} ${state === 'disabled' ? 'cannot sign in any more' : 'may sign in again'}.`),
    onError: (error) => failed('It was not changed', error),
    onSettled: refresh,
  });
  return (
    <li>
      <div>
        <div className={classes.name}>
          {person.name}
          <Badge color="gray">{SHORT[person.role]}</Badge>
          {person.state === 'invited' && <Badge color="yellow">Invited</Badge>}
          {person.state === 'disabled' && <Badge color="red">Disabled</Badge>}
        </div>
        <p className={classes.soft}>
          {person.login} ·{' '}
          {person.lastSignInAt === null ? 'never signed in' : `last signed in ${ago(person.lastSignInAt)}`}
        </p>
      </div>
      {may('people.change') && person.id !== me && (
        <div className={classes.row}>
          <Button
            variant="default"
            size="xs"
            loading={invite.isPending}
            onClick={() => invite.mutate()}
            aria-label={`New link for ${person.name}`}
          >
            New link
          </Button>
          <Button
            variant="default"
            size="xs"
            loading={toggle.isPending}
            onClick={() => toggle.mutate()}
            aria-label={`${person.state === 'disabled' ? 'Enable' : 'Disable'} ${person.name}`}
          >
            {person.state === 'disabled' ? 'Enable' : 'Disable'}
          </Button>
        </div>
      )}
      <Modal opened={link !== null} onClose={() => setLink(null)} title={`A link for ${person.name}`}>
        <LinkShown url={link ?? ''} onDone={() => setLink(null)} />
      </Modal>
    </li>
  );
}

function LinkShown({
  url,
  expiresAt,
  onDone,
}: {
  readonly url: string;
  readonly expiresAt?: string;
  readonly onDone: () => void;
}) {
  return (
    <div className={classes.stack}>
      <p className={classes.soft} role="status">
        Give this address to the person, over a way that you trust. It works once
        {expiresAt === undefined ? '' : `, until ${moment(expiresAt)}`}; whoever opens it chooses the password. It is
        shown this once.
      </p>
      <div className={classes.secret}>
        <code data-testid="invitation">{url}</code>
        <CopyText text={url} what="link" labelled />
      </div>
      <div className={classes.buttons}>
        <Button onClick={onDone}>I have it</Button>
      </div>
    </div>
  );
}

function InvitePerson({ onDone }: { readonly onDone: () => void }) {
  const client = useQueryClient();
  const session = useSession();
  const accounts = useQuery(accountsQuery).data ?? [];
  const may = useMay();
  const brands = useQuery({ ...brandsQuery, enabled: may('brand.change') }).data ?? [];
  const roles = rolesBelow(session?.role);
  const [role, setRole] = useState<Role>(roles.at(-2) ?? 'user');
  const [accountId, setAccountId] = useState('');
  const [userId, setUserId] = useState<string | undefined>();
  const account = accountId === '' ? (accounts[0]?.id ?? '') : accountId;
  const invite = useMutation({
    mutationFn: (body: { login: string; name: string; brandId: string }) =>
      asked(
        api.POST('/api/v1/people', {
          body: {
            login: body.login,
            name: body.name,
            role,
            ...(role === 'brand' ? { brandId: body.brandId } : {}),
            ...(role === 'administrator' || role === 'user' ? { accountId: account } : {}),
            ...(role === 'user' && userId !== undefined ? { userId } : {}),
          },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: peopleQuery.queryKey }),
  });
  if (invite.data !== undefined)
    return <LinkShown url={invite.data.url} expiresAt={invite.data.expiresAt} onDone={onDone} />;
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    invite.mutate({
      login: fieldText(form, 'login').trim(),
      name: fieldText(form, 'name').trim(),
      brandId: fieldText(form, 'brandId'),
    });
  };
  return (
    <form onSubmit={submit} className={classes.form} aria-label="Invite a person">
      <TextInput name="name" label="Name" required maxLength={200} data-autofocus />
      <TextInput
        name="login"
        label="Login"
        description="Without spaces; a mail address does well."
        required
        maxLength={100}
        autoCapitalize="none"
        spellCheck={false}
      />
      <NativeSelect
        label="Level"
        value={role}
        onChange={({ currentTarget }) => setRole(currentTarget.value as Role)}
        data={roles.map((value) => ({ value, label: ROLES[value] }))}
      />
      {role === 'brand' && (
        <NativeSelect name="brandId" label="Brand" data={brands.map(({ id, name }) => ({ value: id, label: name }))} />
      )}
      {(role === 'administrator' || role === 'user') && accounts.length > 1 && (
        <NativeSelect
          label="Account"
          value={account}
          onChange={({ currentTarget }) => setAccountId(currentTarget.value)}
          data={accounts.map(({ id, name }) => ({ value: id, label: name }))}
        />
      )}
      {role === 'user' && (
        <PickOne
          key={account}
          accountId={account}
          kind="users"
          label="Which user"
          description="Whose calls this person sees"
          none="Choose a user"
          required
          id={userId}
          onChange={setUserId}
        />
      )}
      {invite.isError && (
        <p role="alert" className={classes.error}>
          {reasonOf(invite.error)}
        </p>
      )}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit" loading={invite.isPending}>
          Invite
        </Button>
      </div>
    </form>
  );
}

/** Nobody gives a level above his own. */
function rolesBelow(role: Role | undefined): Role[] {
  const all: Role[] = ['operator', 'brand', 'administrator', 'user'];
  return all.slice(Math.max(0, all.indexOf(role ?? 'user')));
}
