import { Badge, Button, Modal, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Empty, Failure } from '../app/failure.tsx';
import { Page, Section } from '../app/page.tsx';
import type { Trunk } from '../api/types.ts';
import { accountsQuery } from '../directory/queries.ts';
import classes from '../settings/settings.module.css';
import { PhoneIcon } from '../theme/icons.tsx';
import { PlatformSection } from './platform-section.tsx';
import { trunksQuery } from './queries.ts';
import { TrunkForm } from './trunk-form.tsx';

/** Who may send calls, for which accounts, and what becomes of those that belong to none. */
export function TrunksPage() {
  const trunks = useQuery(trunksQuery);
  const accounts = useQuery(accountsQuery).data ?? [];
  const [open, setOpen] = useState<Trunk | 'new' | null>(null);
  return (
    <Page title="Trunks">
      <div className={classes.stack}>
        <Section
          title="Who may send calls"
          note="A trunk is a session border controller or phone system. Calls are taken from a new one within a second."
          actions={<Button onClick={() => setOpen('new')}>New trunk</Button>}
        >
          {trunks.isPending && <Skeleton height={80} role="status" aria-label="Loading the trunks" />}
          {trunks.isError && trunks.data === undefined && (
            <Failure title="The trunks could not be loaded" error={trunks.error} retry={() => void trunks.refetch()} />
          )}
          {trunks.data?.length === 0 && (
            <Empty icon={<PhoneIcon size={22} />} title="No trunks">
              <p>Make one for each system that sends calls here.</p>
            </Empty>
          )}
          <ul className={classes.tokens} aria-label="Trunks">
            {trunks.data?.map((trunk) => (
              <li key={trunk.name}>
                <div>
                  <div className={classes.name}>
                    {trunk.name}
                    {trunk.isFromFile && <Badge color="gray">From earshot.yaml</Badge>}
                    {trunk.value.unwanted === 'refuse' && <Badge color="yellow">Refuses unwanted calls</Badge>}
                  </div>
                  <p className={classes.soft}>
                    {(trunk.value.addresses ?? ['any private address']).join(', ')} ·{' '}
                    {servesWords(trunk, new Map(accounts.map(({ id, name }) => [id, name])))}
                  </p>
                </div>
                <Button variant="default" size="xs" onClick={() => setOpen(trunk)} aria-label={`Change ${trunk.name}`}>
                  Change
                </Button>
              </li>
            ))}
          </ul>
        </Section>
        <PlatformSection />
      </div>
      <Modal
        opened={open !== null}
        onClose={() => setOpen(null)}
        title={open === 'new' ? 'New trunk' : (open?.name ?? '')}
        size="lg"
        closeOnClickOutside={false}
      >
        {open !== null && <TrunkForm trunk={open === 'new' ? null : open} onDone={() => setOpen(null)} />}
      </Modal>
    </Page>
  );
}

function servesWords({ value: { accountIds } }: Trunk, names: ReadonlyMap<string, string>): string {
  if (accountIds === undefined) return 'for any account';
  return accountIds.length === 0 ? 'for no account' : `for ${accountIds.map((id) => names.get(id) ?? id).join(', ')}`;
}
