import { Code } from '@mantine/core';
import { useMay } from '../session/session.ts';
import classes from './list.module.css';

/** What to do so that a first recording comes. */
export function FirstSteps() {
  const may = useMay();
  if (!may('settings.read')) return <p>Your calls appear here when they are recorded.</p>;
  return (
    <>
      <p>
        Point the SIPREC client of your session border controller or PBX at this host,{' '}
        <Code>{window.location.hostname}</Code>. Or try it with a made-up call, on the machine that runs Earshot:
      </p>
      <pre className={classes.command}>npx earshot call --seconds 10</pre>
      <p>The call appears here while it runs, and can be played as soon as it has ended.</p>
    </>
  );
}
