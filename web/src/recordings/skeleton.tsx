import { Skeleton, VisuallyHidden } from '@mantine/core';
import classes from './list.module.css';

const ROWS = Array.from({ length: 9 }, (_, i) => i);

export function ListSkeleton({ narrow }: { readonly narrow: boolean }) {
  return (
    <div className={classes.frame} data-narrow={narrow || undefined} role="status">
      <VisuallyHidden>Loading the recordings</VisuallyHidden>
      {ROWS.map((row) => (
        <div key={row} className={classes.skeleton} aria-hidden="true">
          <Skeleton height={12} width={48} />
          <Skeleton height={12} width={`${18 + ((row * 7) % 11)}%`} />
          <Skeleton height={12} width={`${14 + ((row * 5) % 9)}%`} />
          <Skeleton height={12} width={56} />
        </div>
      ))}
    </div>
  );
}
