import { Skeleton, Switch } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Banner, Empty, Failure } from '../app/failure.tsx';
import { Page, Section } from '../app/page.tsx';
import { done, failed } from '../app/say.ts';
import { patched } from '../directory/merge.ts';
import { directoryKey } from '../directory/queries.ts';
import { CELLS, type Cell } from '../directory/types.ts';
import { stateOf, type AccountRows, type RowSettings } from '../policy/matrix/cells.ts';
import { matrixQuery, type MatrixDevice, type MatrixUser } from '../policy/matrix/queries.ts';
import { saveOwn } from '../policy/matrix/save.ts';
import { useSession } from '../session/session.ts';
import { MicIcon } from '../theme/icons.tsx';
import { CELL_WORDS } from '../words/policy.ts';
import classes from './own.module.css';

/** A person's own switches: for all of his phones, and for each one. */
export function OwnPage() {
  const reach = useSession()?.reach;
  const accountId = reach?.accountId ?? '';
  const matrix = useInfiniteQuery({ ...matrixQuery(accountId, ''), enabled: accountId !== '' });
  const page = matrix.data?.pages[0];
  const mine = page?.items.find(({ user }) => user?.id === reach?.userId);
  return (
    <Page
      title="My recording"
      lead="Which of your calls are recorded because you say so. A rule, a number or a queue may still ask for a recording."
    >
      {matrix.isPending && accountId !== '' && (
        <Skeleton height={240} radius="md" role="status" aria-label="Loading your switches" />
      )}
      {matrix.isError && matrix.data === undefined && (
        <Failure title="Your switches could not be loaded" error={matrix.error} retry={() => void matrix.refetch()} />
      )}
      {page !== undefined && !page.account.usersMaySet && (
        <Banner>Your administrator has decided that these cannot be changed here.</Banner>
      )}
      {page !== undefined && (mine?.user === undefined || mine.user === null) && (
        <Empty icon={<MicIcon size={22} />} title="You are no user of the directory yet">
          <p>Ask your administrator to tie your sign-in to you.</p>
        </Empty>
      )}
      {page !== undefined && mine?.user !== undefined && mine.user !== null && (
        <>
          <Switches
            accountId={accountId}
            title="All my phones"
            note={mine.user.extensions.join(', ')}
            row={mine.user}
            owner={null}
            account={page.account}
          />
          {mine.devices.map((device) => (
            <Switches
              key={device.id}
              accountId={accountId}
              title={device.name}
              note={device.mac ?? ''}
              row={device}
              owner={mine.user}
              account={page.account}
            />
          ))}
        </>
      )}
    </Page>
  );
}

interface SwitchesProps {
  readonly accountId: string;
  readonly title: string;
  readonly note: string;
  readonly row: MatrixUser | MatrixDevice;
  readonly owner: RowSettings | null;
  readonly account: AccountRows;
}

/** Four switches, each with where its value comes from as long as the person has said nothing. */
function Switches({ accountId, title, note, row, owner, account }: SwitchesProps) {
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: ({ cell, value }: { cell: Cell; value: 'on' | 'off' | undefined }) =>
      saveOwn(accountId, row.id, patched(row.own, { [cell]: value })),
    onSuccess: () => done('Saved.'),
    onError: (error) => failed('It was not changed', error),
    onSettled: () => client.invalidateQueries({ queryKey: directoryKey(accountId) }),
  });
  const states = CELLS.map((cell) => ({ cell, state: stateOf(cell, row, owner, account) }));
  const isOn = states.some(({ state }) => state.value === 'on');
  return (
    <Section
      title={title}
      note={note}
      actions={
        <span className={classes.mark} data-on={isOn || undefined}>
          {isOn && <MicIcon size={18} />}
          {isOn ? 'Recording is on' : 'Nothing is switched on'}
        </span>
      }
    >
      <div className={classes.cells}>
        {states.map(({ cell, state }) => (
          <div key={cell} className={classes.cell}>
            <Switch
              label={labelOf(cell)}
              description={originOf(state.from)}
              checked={state.value === 'on'}
              disabled={!account.usersMaySet || save.isPending}
              onChange={({ currentTarget }) => save.mutate({ cell, value: currentTarget.checked ? 'on' : 'off' })}
            />
            {state.from === 'own' && account.usersMaySet && (
              <button type="button" className={classes.back} onClick={() => save.mutate({ cell, value: undefined })}>
                Leave it to the settings
              </button>
            )}
          </div>
        ))}
      </div>
    </Section>
  );
}

function labelOf(cell: Cell): string {
  const [direction, origin] = CELL_WORDS[cell].split(', ');
  return `${direction === 'incoming' ? 'Incoming' : 'Outgoing'} ${origin} calls`;
}

function originOf(from: ReturnType<typeof stateOf>['from']): string {
  switch (from) {
    case 'own':
      return 'Your own choice';
    case 'here':
      return 'Set by your administrator';
    case 'user':
    case 'user-own':
      return 'As for all your phones';
    case 'account':
      return 'As for everybody in your company';
    case 'nobody':
      return 'Nobody has set anything';
  }
}
