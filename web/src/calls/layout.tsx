import { useQuery } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { liveCallsQuery } from '../live/queries.ts';
import { useMay, useSession } from '../session/session.ts';
import classes from '../settings/settings.module.css';

const ACTIVE = { 'data-active': true, 'aria-current': 'page' } as const;

/** Calls of the past, and those that run now. */
export function CallsLayout() {
  const may = useMay();
  const live = useQuery({ ...liveCallsQuery, enabled: may('calls.live') });
  const isOwn = useSession()?.role === 'user';
  const running = live.data?.items.length ?? 0;
  return (
    <div className={classes.layout}>
      <nav aria-label="Calls" className={classes.nav}>
        {may('calls.list') && (
          <Link to="/calls" activeOptions={{ exact: true, includeSearch: false }} activeProps={ACTIVE}>
            Journal
          </Link>
        )}
        {may('calls.live') && (
          <Link to="/calls/live" activeProps={ACTIVE}>
            {isOwn ? 'My call' : 'Live'}
            {running > 0 && ` (${running})`}
          </Link>
        )}
      </nav>
      <Outlet />
    </div>
  );
}
