import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { RequestFailed } from '../api/problem.ts';
import { Said } from './said.tsx';
import { reasonOf } from './say.ts';
import { WarningIcon } from '../theme/icons.tsx';
import classes from './notice.module.css';

interface FailureProps {
  /** What could not be done, e.g. "The recordings could not be loaded". */
  readonly title: string;
  readonly error: unknown;
  readonly retry?: () => void;
}

/** Why something could not be shown, and a way to try again. */
export function Failure({ title, error, retry }: FailureProps) {
  const failed = error instanceof RequestFailed ? error : null;
  return (
    <div className={classes.empty} role="alert">
      <span className={classes.badMark}>
        <WarningIcon size={22} />
      </span>
      <h2 className={classes.emptyTitle}>{title}</h2>
      <p className={classes.emptyText}>
        <Said text={reasonOf(error)} />
      </p>
      {failed !== null && failed.requestId !== null && failed.status >= 500 && (
        <p className={classes.fine}>
          The server log tells more under <code>{failed.requestId}</code>.
        </p>
      )}
      {retry !== undefined && (
        <Button variant="default" onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}

interface EmptyProps {
  readonly icon: ReactNode;
  readonly title: string;
  readonly children: ReactNode;
}

/** A list that holds nothing, with what to do next. */
export function Empty({ icon, title, children }: EmptyProps) {
  return (
    <div className={classes.empty}>
      <span className={classes.mark}>{icon}</span>
      <h2 className={classes.emptyTitle}>{title}</h2>
      <div className={classes.emptyText}>{children}</div>
    </div>
  );
}

/** One line that warns, above a page's content. */
export function Banner({ children, tone = 'warn' }: { readonly children: ReactNode; readonly tone?: 'warn' | 'bad' }) {
  return (
    <div className={classes.banner} data-tone={tone} role="status">
      <WarningIcon size={18} />
      <div>{children}</div>
    </div>
  );
}
