import type { ReactNode } from 'react';
import { usePageTitle } from '../app/title.ts';
import { BrandMark } from '../theme/icons.tsx';
import classes from './gate.module.css';

interface GateProps {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly children: ReactNode;
}

/** The pages before the sign-in: one card. */
export function Gate({ title, lead, children }: GateProps) {
  const heading = usePageTitle(title);
  return (
    <main id="content" className={classes.gate}>
      <div className={classes.card}>
        <div className={classes.brand}>
          <BrandMark size={36} />
          <span>Earshot</span>
        </div>
        <div>
          <h1 ref={heading} tabIndex={-1} className={classes.title}>
            {title}
          </h1>
          {lead !== undefined && <p className={classes.lead}>{lead}</p>}
        </div>
        {children}
      </div>
    </main>
  );
}
