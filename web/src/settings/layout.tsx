import { Link, Outlet } from '@tanstack/react-router';
import { useMay } from '../session/session.ts';
import classes from './settings.module.css';

const ACTIVE = { 'data-active': true, 'aria-current': 'page' } as const;

/** The parts of the settings, beside or above the one that is shown. */
export function SettingsLayout() {
  const may = useMay();
  return (
    <div className={classes.layout}>
      <nav aria-label="Settings" className={classes.nav}>
        {may('settings.read') && (
          <Link to="/settings" activeOptions={{ exact: true }} activeProps={ACTIVE}>
            Recording
          </Link>
        )}
        {may('status.read') && (
          <Link to="/settings/status" activeProps={ACTIVE}>
            Status
          </Link>
        )}
        {may('people.read') && (
          <Link to="/settings/people" activeProps={ACTIVE}>
            People
          </Link>
        )}
        {may('brand.change') && (
          <Link to="/settings/accounts" activeProps={ACTIVE}>
            Accounts
          </Link>
        )}
        {may('platform.change') && (
          <Link to="/settings/trunks" activeProps={ACTIVE}>
            Trunks
          </Link>
        )}
        {may('tokens.read') && (
          <Link to="/settings/tokens" activeProps={ACTIVE}>
            Tokens
          </Link>
        )}
        {may('audit.read') && (
          <Link to="/settings/audit" activeProps={ACTIVE}>
            Audit log
          </Link>
        )}
        <Link to="/settings/profile" activeProps={ACTIVE}>
          You
        </Link>
      </nav>
      <div className={classes.part}>
        <Outlet />
      </div>
    </div>
  );
}
