import { Page } from '../../app/page.tsx';
import { useAccountId } from '../frame/address.ts';
import frame from '../frame/frame.module.css';
import { CsvSection } from './csv.tsx';
import { LdapSection } from './ldap.tsx';

/** Users, devices and numbers from a file, and users from a directory server; always with a look at what would change first. */
export function ImportsPage() {
  const accountId = useAccountId();
  return (
    <Page title="Import" lead="Bring in what stands elsewhere already. You see what would change before anything does.">
      <div className={frame.form} key={accountId}>
        <CsvSection accountId={accountId} />
        <LdapSection accountId={accountId} />
      </div>
    </Page>
  );
}
