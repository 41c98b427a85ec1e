import { Button, Modal, NativeSelect, Skeleton, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type SubmitEvent } from 'react';
import { Empty, Failure } from '../app/failure.tsx';
import { fieldText } from '../app/form.ts';
import { Page, Section } from '../app/page.tsx';
import { done, failed, reasonOf } from '../app/say.ts';
import { api, asked } from '../api/client.ts';
import type { Brand } from '../api/types.ts';
import { accountsQuery } from '../directory/queries.ts';
import type { Account } from '../directory/types.ts';
import { useMay, useSession } from '../session/session.ts';
import classes from '../settings/settings.module.css';
import { PeopleIcon } from '../theme/icons.tsx';
import { counted } from '../words/numbers.ts';
import { brandsQuery } from './queries.ts';

/** Accounts (companies) within reach, and the brands that they belong to. */
export function AccountsPage() {
  const may = useMay();
  const accounts = useQuery(accountsQuery);
  const brands = useQuery({ ...brandsQuery, enabled: may('brand.change') });
  const [asking, setAsking] = useState<Asked | null>(null);
  const items = accounts.data ?? [];
  return (
    <Page title="Accounts">
      <div className={classes.stack}>
        <Section
          title="Accounts"
          note="Each is a company with rules, people and recordings of its own; none sees another."
          actions={
            may('brand.change') && (
              <Button onClick={() => setAsking({ what: 'account', one: null })}>New account</Button>
            )
          }
        >
          {accounts.isPending && <Skeleton height={80} role="status" aria-label="Loading the accounts" />}
          {accounts.isError && accounts.data === undefined && (
            <Failure
              title="The accounts could not be loaded"
              error={accounts.error}
              retry={() => void accounts.refetch()}
            />
          )}
          {accounts.data?.length === 0 && (
            <Empty icon={<PeopleIcon size={22} />} title="No accounts">
              <p>Make one for each company.</p>
            </Empty>
          )}
          <ul className={classes.tokens} aria-label="Accounts">
            {items.map((account) => (
              <li key={account.id}>
                <div>
                  <div className={classes.name}>
                    <Link to="/accounts/$accountId/rules" params={{ accountId: account.id }} className={classes.link}>
                      {account.name}
                    </Link>
                  </div>
                  <p className={classes.soft}>
                    {account.id} · {brands.data?.find(({ id }) => id === account.brandId)?.name ?? 'no brand'}
                  </p>
                </div>
                {may('brand.change') && (
                  <Button
                    variant="default"
                    size="xs"
                    onClick={() => setAsking({ what: 'account', one: account })}
                    aria-label={`Change ${account.name}`}
                  >
                    Change
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </Section>
        {may('brand.change') && (
          <Section
            title="Brands"
            note="A brand has accounts, and decides for each whether recording by hand is allowed at all."
            actions={
              may('platform.change') && (
                <Button onClick={() => setAsking({ what: 'brand', one: null })}>New brand</Button>
              )
            }
          >
            {brands.data?.length === 0 && (
              <p className={classes.soft}>No brands: all accounts belong to the platform.</p>
            )}
            <ul className={classes.tokens} aria-label="Brands">
              {brands.data?.map((brand) => (
                <li key={brand.id}>
                  <div>
                    <div className={classes.name}>{brand.name}</div>
                    <p className={classes.soft}>
                      {counted(items.filter(({ brandId }) => brandId === brand.id).length, 'account')}
                    </p>
                  </div>
                  {may('platform.change') && (
                    <Button
                      variant="default"
                      size="xs"
                      onClick={() => setAsking({ what: 'brand', one: brand })}
                      aria-label={`Change ${brand.name}`}
                    >
                      Change
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          </Section>
        )}
      </div>
      {asking !== null && <NameDialog asked={asking} brands={brands.data ?? []} onDone={() => setAsking(null)} />}
    </Page>
  );
}

type Asked =
  { readonly what: 'account'; readonly one: Account | null } | { readonly what: 'brand'; readonly one: Brand | null };

interface DialogProps {
  readonly asked: Asked;
  readonly brands: readonly Brand[];
  readonly onDone: () => void;
}

/** Makes, renames or deletes an account or a brand. */
function NameDialog({ asked: { what, one }, brands, onDone }: DialogProps) {
  const client = useQueryClient();
  const may = useMay();
  const own = useSession()?.reach.brandId ?? null;
  const settle = async (): Promise<void> => {
    await Promise.all([
      client.invalidateQueries({ queryKey: accountsQuery.queryKey }),
      client.invalidateQueries({ queryKey: brandsQuery.queryKey }),
      client.invalidateQueries({ queryKey: ['directory'] }),
    ]);
  };
  const save = useMutation({
    mutationFn: (wish: { name: string; brandId: string | null }) => saved(what, one, wish),
    onSuccess: async ({ name }) => {
      await settle();
      done(`${name} is saved.`);
      onDone();
    },
  });
  const remove = useMutation({
    mutationFn: () => removed(what, one),
    onSuccess: async () => {
      await settle();
      done(`${one?.name ?? 'It'} is deleted.`);
      onDone();
    },
    onError: (error) => failed('It was not deleted', error),
  });
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const brand = fieldText(form, 'brandId');
    save.mutate({ name: fieldText(form, 'name').trim(), brandId: brand === '' ? own : brand });
  };
  const before = one !== null && 'brandId' in one ? one.brandId : null;
  return (
    <Modal opened onClose={onDone} title={one === null ? `New ${what}` : one.name} closeOnClickOutside={false}>
      <form onSubmit={submit} className={classes.form} aria-label={one === null ? `New ${what}` : one.name}>
        <TextInput name="name" label="Name" required maxLength={200} defaultValue={one?.name ?? ''} data-autofocus />
        {what === 'account' && may('platform.change') && brands.length > 0 && (
          <NativeSelect
            name="brandId"
            label="Brand"
            defaultValue={before ?? ''}
            data={[{ value: '', label: 'None' }, ...brands.map(({ id, name }) => ({ value: id, label: name }))]}
          />
        )}
        {save.isError && (
          <p role="alert" className={classes.error}>
            {reasonOf(save.error)}
          </p>
        )}
        <div className={classes.buttons}>
          {one !== null && (
            <Button variant="subtle" color="red" mr="auto" loading={remove.isPending} onClick={() => remove.mutate()}>
              Delete
            </Button>
          )}
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function saved(
  what: Asked['what'],
  one: Asked['one'],
  { name, brandId }: { name: string; brandId: string | null },
): Promise<{ readonly name: string }> {
  if (what === 'brand') {
    return one === null
      ? asked(api.POST('/api/v1/brands', { body: { name } }))
      : asked(
          api.PUT('/api/v1/brands/{id}', { params: { path: { id: one.id } }, body: { name, revision: one.revision } }),
        );
  }
  return one === null
    ? asked(api.POST('/api/v1/accounts', { body: { name, brandId } }))
    : asked(
        api.PUT('/api/v1/accounts/{accountId}', {
          params: { path: { accountId: one.id } },
          body: { name, brandId, revision: one.revision },
        }),
      );
}

async function removed(what: Asked['what'], one: Asked['one']): Promise<void> {
  if (one === null) return;
  const query = { revision: one.revision };
  if (what === 'brand') await asked(api.DELETE('/api/v1/brands/{id}', { params: { path: { id: one.id }, query } }));
  else await asked(api.DELETE('/api/v1/accounts/{accountId}', { params: { path: { accountId: one.id }, query } }));
}
