import { Code } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMay } from '../session/session.ts';
import { settingsQuery } from '../settings/queries.ts';
import classes from './list.module.css';

/** What to do so that a first recording comes. */
export function FirstSteps() {
  const may = useMay();
  const settings = useQuery({ ...settingsQuery, enabled: may('settings.read') });
  const isOff = settings.data?.accounts.every(({ recordAll }) => !recordAll) ?? false;
  return (
    <>
      {isOff && (
        <p>
          <strong>Recording is off:</strong> no account records its calls.{' '}
          <Link to="/settings">Turn it on in the settings.</Link>
        </p>
      )}
      <p>
        Point the SIPREC client of your session border controller or PBX at this host,{' '}
        <Code>{window.location.hostname}</Code>. Or try it with a made-up call, on the machine that runs Earshot:
      </p>
      <pre className={classes.command}>npx earshot call --seconds 10</pre>
      <p>The call appears here while it runs, and can be played as soon as it has ended.</p>
    </>
  );
}
