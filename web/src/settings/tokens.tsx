import { Badge, Button, Modal, NativeSelect, Skeleton, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type SubmitEvent } from 'react';
import { CopyText } from '../app/copy.tsx';
import { Empty, Failure } from '../app/failure.tsx';
import { fieldText } from '../app/form.ts';
import { Page, Section } from '../app/page.tsx';
import { done, failed, reasonOf } from '../app/say.ts';
import { api, asked } from '../api/client.ts';
import { isStatus } from '../api/problem.ts';
import type { Token, TokenCreate } from '../api/types.ts';
import { useMay } from '../session/session.ts';
import { KeyIcon } from '../theme/icons.tsx';
import { ago, day } from '../words/time.ts';
import { tokensQuery } from './queries.ts';
import classes from './settings.module.css';

const SCOPES: Readonly<Record<Token['scope'], string>> = {
  full: 'All that you may do',
  read: 'Read and listen only',
  metrics: 'Metrics and status only',
  control: 'Recording of running calls only',
};

/** Tokens by which programs use the API. */
export function TokenSettings() {
  const may = useMay();
  const tokens = useQuery(tokensQuery);
  const [making, setMaking] = useState(false);
  return (
    <Page title="Tokens">
      <Section
        title="Access for programs"
        note="A token lets a script or another system use the API in your name. The API is described at /api/docs of this host."
        actions={may('tokens.change') && <Button onClick={() => setMaking(true)}>Make a token</Button>}
      >
        {tokens.isPending && <Skeleton height={60} role="status" aria-label="Loading the tokens" />}
        {tokens.isError && tokens.data === undefined && (
          <Failure title="The tokens could not be loaded" error={tokens.error} retry={() => void tokens.refetch()} />
        )}
        {tokens.data?.length === 0 && (
          <Empty icon={<KeyIcon size={22} />} title="No tokens">
            <p>Make one when a program needs to read or fetch recordings.</p>
          </Empty>
        )}
        <ul className={classes.tokens} aria-label="Tokens">
          {tokens.data?.map((token) => (
            <TokenLine key={token.id} token={token} />
          ))}
        </ul>
      </Section>
      <Modal opened={making} onClose={() => setMaking(false)} title="Make a token" closeOnClickOutside={false}>
        <MakeToken onDone={() => setMaking(false)} />
      </Modal>
    </Page>
  );
}

function TokenLine({ token }: { readonly token: Token }) {
  const may = useMay();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const revoke = useMutation({
    mutationFn: () => asked(api.DELETE('/api/v1/tokens/{id}', { params: { path: { id: token.id } } })),
    onSuccess: () => done(`Token ${token.name} is revoked.`),
    onError: (error) => {
      if (!isStatus(error, 404)) failed('The token was not revoked', error);
    },
    onSettled: () => {
      setAsking(false);
      return client.invalidateQueries({ queryKey: tokensQuery.queryKey });
    },
  });
  const isOver = token.expiresAt !== null && Date.parse(token.expiresAt) < Date.now();
  return (
    <li>
      <div>
        <div className={classes.name}>
          {token.name}
          <Badge color="gray">{SCOPES[token.scope]}</Badge>
          {isOver && <Badge color="red">Expired</Badge>}
        </div>
        <p className={classes.soft}>
          Made {day(token.createdAt)} by {token.createdBy ?? 'the operator of the machine'} ·{' '}
          {token.lastUsedAt === null ? 'never used' : `last used ${ago(token.lastUsedAt)}`} ·{' '}
          {token.expiresAt === null ? 'does not expire' : `${isOver ? 'expired' : 'expires'} ${day(token.expiresAt)}`}
        </p>
      </div>
      {may('tokens.change') && (
        <Button variant="default" size="xs" onClick={() => setAsking(true)} aria-label={`Revoke ${token.name}`}>
          Revoke
        </Button>
      )}
      <Modal opened={asking} onClose={() => setAsking(false)} title={`Revoke ${token.name}?`}>
        <p className={classes.soft}>Whatever uses it is refused from this moment on. It cannot be given back.</p>
        <div className={classes.buttons}>
          <Button variant="default" data-autofocus onClick={() => setAsking(false)}>
            Keep it
          </Button>
          <Button color="red.9" loading={revoke.isPending} onClick={() => revoke.mutate()}>
            Revoke
          </Button>
        </div>
      </Modal>
    </li>
  );
}

const EXPIRIES = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
  { value: '', label: 'Never' },
];

function MakeToken({ onDone }: { readonly onDone: () => void }) {
  const client = useQueryClient();
  const make = useMutation({
    mutationFn: (body: TokenCreate) => asked(api.POST('/api/v1/tokens', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  });
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const days = Number(form.get('expires'));
    make.mutate({
      name: fieldText(form, 'name').trim(),
      scope: form.get('scope') as Token['scope'],
      ...(days > 0 ? { expiresInDays: days } : {}),
    });
  };
  if (make.data !== undefined) {
    return (
      <div className={classes.stack}>
        <p className={classes.soft} role="status">
          This is the token <strong>{make.data.token.name}</strong>. It is shown this once and cannot be read again:
          copy it now, and keep it like a password.
        </p>
        <div className={classes.secret}>
          <code data-testid="token-secret">{make.data.secret}</code>
          <CopyText text={make.data.secret} what="token" labelled />
        </div>
        <div className={classes.buttons}>
          <Button onClick={onDone}>I have it</Button>
        </div>
      </div>
    );
  }
  return (
    <form onSubmit={submit} className={classes.form} aria-label="New token">
      <TextInput
        name="name"
        label="What is it for?"
        placeholder="Nightly export"
        required
        maxLength={100}
        data-autofocus
      />
      <NativeSelect
        name="scope"
        label="What may it do?"
        defaultValue="read"
        data={(['read', 'full', 'metrics', 'control'] as const).map((value) => ({ value, label: SCOPES[value] }))}
      />
      <NativeSelect name="expires" label="When does it expire?" defaultValue="90" data={EXPIRIES} />
      {make.isError && (
        <p role="alert" className={classes.error}>
          {reasonOf(make.error)}
        </p>
      )}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit" loading={make.isPending}>
          Make token
        </Button>
      </div>
    </form>
  );
}
