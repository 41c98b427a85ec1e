import { Button } from '@mantine/core';
import { differences, idsIn, type Difference } from '../../words/changes.ts';
import { moment } from '../../words/time.ts';
import { useNameOf } from './names.ts';
import classes from './frame.module.css';

interface Props {
  readonly accountId: string;
  /** What I started from, what I made of it, and what stands now. */
  readonly base: unknown;
  readonly mine: unknown;
  readonly theirs: unknown;
  readonly changedBy: string;
  readonly changedAt: string;
  readonly onTakeTheirs: () => void;
  readonly onApplyMine: () => void;
  readonly isSaving: boolean;
}

/** Somebody else was faster: who changed what, and the choice between theirs and mine on top of theirs. */
export function Conflict(props: Props) {
  const { accountId, base, mine, theirs, changedBy, changedAt, onTakeTheirs, onApplyMine, isSaving } = props;
  const nameOf = useNameOf(accountId, idsIn([base, mine, theirs]));
  const [they, i] = [differences(base, theirs, nameOf), differences(base, mine, nameOf)];
  const both = they.filter(({ path }) => i.some((other) => other.path === path));
  return (
    <div className={classes.form}>
      <p className={classes.text} role="alert">
        <strong>{changedBy} saved a change</strong> on {moment(changedAt)}, after you had opened this. Nothing of yours
        is lost.
      </p>
      <Differences title="What they changed" list={they} empty="Nothing that you can see here." />
      <Differences title="What you changed" list={i} empty="Nothing." />
      {both.length > 0 && (
        <p className={classes.text}>
          Both of you changed {both.map(({ label }) => `“${label}”`).join(', ')}. If you apply yours, your value stands.
        </p>
      )}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onTakeTheirs}>
          Take theirs
        </Button>
        <Button onClick={onApplyMine} loading={isSaving} data-autofocus>
          Apply mine on top
        </Button>
      </div>
    </div>
  );
}

export function Differences({
  title,
  list,
  empty,
}: {
  readonly title?: string;
  readonly list: readonly Difference[];
  readonly empty: string;
}) {
  return (
    <div>
      {title !== undefined && <h3 className={classes.smallTitle}>{title}</h3>}
      {list.length === 0 ? (
        <p className={classes.soft}>{empty}</p>
      ) : (
        <dl className={classes.differences}>
          {list.map(({ path, label, before, after }) => (
            <div key={path}>
              <dt>{label}</dt>
              <dd>
                <del>{before}</del> <span aria-label="then">→</span> <ins>{after}</ins>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}
