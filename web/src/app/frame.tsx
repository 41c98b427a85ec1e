import { Anchor, Loader } from '@mantine/core';
import { Link, Outlet, useRouter, type ErrorComponentProps } from '@tanstack/react-router';
import { SearchIcon } from '../theme/icons.tsx';
import { Empty, Failure } from './failure.tsx';
import classes from './frame.module.css';
import { usePageTitle } from './title.ts';

export function RootFrame() {
  return (
    <>
      <a className={classes.skip} href="#content">
        Skip to content
      </a>
      <Outlet />
    </>
  );
}

export function PendingPage() {
  return (
    <div className={classes.pending}>
      <Loader aria-label="Loading" />
    </div>
  );
}

/** Nothing of the page could be shown, not even what stands around it. */
export function ErrorPage(props: ErrorComponentProps) {
  return (
    <main id="content">
      <ErrorPart {...props} />
    </main>
  );
}

/** The page could not be shown; navigation stays. */
export function ErrorPart({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <div className={classes.alone}>
      <h1 className={classes.hiddenTitle}>This page could not be shown</h1>
      <Failure
        title="Something in this page is broken"
        error={error}
        retry={() => {
          reset();
          void router.invalidate();
        }}
      />
    </div>
  );
}

export function NotFoundPage() {
  const heading = usePageTitle('Not found');
  return (
    <main id="content" className={classes.alone}>
      <h1 ref={heading} tabIndex={-1} className={classes.hiddenTitle}>
        Not found
      </h1>
      <Empty icon={<SearchIcon size={22} />} title="There is no such page">
        <p>The address may be mistyped, or the page has moved.</p>
        <Anchor component={Link} to="/">
          Go to the recordings
        </Anchor>
      </Empty>
    </main>
  );
}
