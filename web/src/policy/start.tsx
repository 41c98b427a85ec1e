import { useQuery } from '@tanstack/react-query';
import { Navigate } from '@tanstack/react-router';
import { lastAccount } from '../account/chosen.ts';
import { Empty, Failure } from '../app/failure.tsx';
import { PendingPage } from '../app/frame.tsx';
import { Page } from '../app/page.tsx';
import { accountsQuery } from '../directory/queries.ts';
import { PeopleIcon } from '../theme/icons.tsx';

/** Leads to the rules of the account that was worked on last. */
export function PolicyStart() {
  const accounts = useQuery(accountsQuery);
  if (accounts.isPending) return <PendingPage />;
  const items = accounts.data ?? [];
  const account = items.find(({ id }) => id === lastAccount()) ?? items[0];
  if (account !== undefined)
    return <Navigate to="/accounts/$accountId/rules" params={{ accountId: account.id }} replace />;
  return (
    <Page title="Rules and people">
      {accounts.isError ? (
        <Failure
          title="The accounts could not be loaded"
          error={accounts.error}
          retry={() => void accounts.refetch()}
        />
      ) : (
        <Empty icon={<PeopleIcon size={22} />} title="There is no account yet">
          <p>Make one under Settings, Accounts.</p>
        </Empty>
      )}
    </Page>
  );
}
