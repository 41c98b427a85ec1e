import type { ReactNode } from 'react';
import classes from './record-mark.module.css';

/** A red disc where something is recorded, an empty ring where not; the words beside it say the same. */
export function RecordMark({ isOn, children }: { readonly isOn: boolean; readonly children: ReactNode }) {
  return (
    <span className={classes.mark} data-on={isOn || undefined}>
      <span aria-hidden="true" />
      {children}
    </span>
  );
}
