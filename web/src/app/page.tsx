import type { ReactNode } from 'react';
import { usePageTitle } from './title.ts';
import classes from './page.module.css';

interface PageProps {
  readonly title: string;
  /** Name of the tab where it says more than the heading. */
  readonly tabTitle?: string;
  readonly lead?: ReactNode;
  /** Buttons beside the heading. */
  readonly actions?: ReactNode;
  readonly above?: ReactNode;
  readonly children: ReactNode;
}

/** A page's heading and content. */
export function Page({ title, tabTitle = title, lead, actions, above, children }: PageProps) {
  const heading = usePageTitle(tabTitle);
  return (
    <div className={classes.page}>
      {above}
      <div className={classes.head}>
        <div>
          <h1 className={classes.title} ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead !== undefined && <div className={classes.lead}>{lead}</div>}
        </div>
        {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      </div>
      {children}
    </div>
  );
}

interface SectionProps {
  readonly title: string;
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A card with a heading of its own. */
export function Section({ title, note, actions, children }: SectionProps) {
  return (
    <section className={classes.section} aria-label={title}>
      <div className={classes.sectionHead}>
        <div>
          <h2 className={classes.sectionTitle}>{title}</h2>
          {note !== undefined && <p className={classes.note}>{note}</p>}
        </div>
        {actions}
      </div>
      {children}
    </section>
  );
}
