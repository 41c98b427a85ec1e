import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { follow, type Connection } from '../live/follow.ts';
import { liveCallsQuery } from '../live/queries.ts';
import { useMay, useSession } from '../session/session.ts';
import { BrandMark, MicIcon, PhoneIcon, RecordingsIcon, RuleIcon, SettingsIcon } from '../theme/icons.tsx';
import { AnnouncementNotice } from './announcement.tsx';
import { Banner } from './failure.tsx';
import { PersonMenu } from './person-menu.tsx';
import { RecorderMark } from './recorder-mark.tsx';
import classes from './shell.module.css';

/** Navigation around every page behind the sign-in; follows the server's events while it is shown. */
export function Shell() {
  const session = useSession();
  const client = useQueryClient();
  const [connection, setConnection] = useState<Connection>('connecting');
  useEffect(() => follow(client, setConnection), [client]);
  if (session === null) return null;
  return (
    <div className={classes.shell}>
      <header className={classes.side}>
        <Link to="/" className={classes.brand} aria-label="Earshot, to the recordings">
          <BrandMark />
          <span>Earshot</span>
        </Link>
        <Navigation />
        <div className={classes.foot}>
          <RecorderMark connection={connection} />
          <PersonMenu session={session} />
        </div>
      </header>
      <main id="content" className={classes.main} tabIndex={-1}>
        <div className={classes.content}>
          {connection === 'lost' && (
            <div className={classes.lost}>
              <Banner tone="bad">
                <strong>The connection to Earshot is lost.</strong> What you see may be out of date; it goes on by
                itself when the server is back. Recording does not depend on this page.
              </Banner>
            </div>
          )}
          <Outlet />
        </div>
      </main>
      <AnnouncementNotice session={session} />
    </div>
  );
}

function Navigation() {
  const may = useMay();
  const live = useQuery({ ...liveCallsQuery, enabled: may('calls.live') });
  // A recording's own page is part of them.
  const inRecordings = useLocation({ select: ({ pathname }) => /^\/($|recordings\/)/.test(pathname) });
  const inPolicy = useLocation({ select: ({ pathname }) => /^\/(policy|accounts)(\/|$)/.test(pathname) });
  const isUser = useSession()?.role === 'user';
  const running = live.data?.items.length ?? 0;
  return (
    <nav className={classes.nav} aria-label="Main">
      <Link
        to="/"
        className={classes.link}
        data-active={inRecordings || undefined}
        activeOptions={{ exact: true, includeSearch: false }}
        activeProps={{ 'aria-current': 'page' }}
      >
        <RecordingsIcon size={20} />
        <span>Recordings</span>
      </Link>
      {may('calls.live') && (
        <Link to="/calls" className={classes.link} activeProps={ACTIVE}>
          <PhoneIcon size={20} />
          <span>Calls</span>
          {running > 0 && (
            <span className={classes.badge}>
              {running}
              <span className={classes.spoken}> {running === 1 ? 'call runs' : 'calls run'}</span>
            </span>
          )}
        </Link>
      )}
      {isUser && may('own.change') && (
        <Link to="/own" className={classes.link} activeProps={ACTIVE}>
          <MicIcon size={20} />
          <span>My recording</span>
        </Link>
      )}
      {may('directory.read') && (
        <Link
          to="/policy"
          className={classes.link}
          data-active={inPolicy || undefined}
          aria-current={inPolicy ? 'page' : undefined}
        >
          <RuleIcon size={20} />
          <span>Rules &amp; people</span>
        </Link>
      )}
      <Link to="/settings" className={classes.link} activeProps={ACTIVE}>
        <SettingsIcon size={20} />
        <span>Settings</span>
      </Link>
    </nav>
  );
}

const ACTIVE = { 'data-active': true, 'aria-current': 'page' } as const;
