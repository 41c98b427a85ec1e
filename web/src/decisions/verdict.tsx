import type { Verdict } from '../api/types.ts';
import { OUTCOMES } from '../words/policy.ts';
import classes from './decisions.module.css';

/** The outcome in one or two words, with a mark of its own. */
export function VerdictBadge({ verdict, size = 'sm' }: { readonly verdict: Verdict; readonly size?: 'sm' | 'lg' }) {
  return (
    <span className={classes.badge} data-verdict={verdict} data-size={size}>
      <span aria-hidden="true" />
      {OUTCOMES[verdict]}
    </span>
  );
}
