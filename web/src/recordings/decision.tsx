import type { RecordingDetail } from '../api/types.ts';
import { Layers } from '../decisions/layers.tsx';
import { VerdictBadge } from '../decisions/verdict.tsx';
import classes from './recording.module.css';

const VERDICTS = {
  record: 'It was recorded because the settings ask for it.',
  offer: 'It was not recorded by itself; a party may have started it.',
  ignore: 'Nothing asked for recording it.',
  forbid: 'It must not be recorded.',
  hold: 'It was held sealed until the settings were known.',
} as const;

/** Why the call was recorded: the word of each layer, first to last. */
export function DecisionPanel({ decision }: { readonly decision: RecordingDetail['decision'] }) {
  if (decision === null) {
    return <p className={classes.soft}>The decision stands in the sealed manifest, which cannot be opened just now.</p>;
  }
  return (
    <>
      <p className={classes.verdictLine}>
        <VerdictBadge verdict={decision.verdict} size="lg" />
        {VERDICTS[decision.verdict]}
      </p>
      <Layers layers={decision.layers} />
      <p className={classes.soft}>
        {decision.settingsVersion === 0
          ? 'No settings were readable at that time.'
          : `Decided by version ${decision.settingsVersion} of the settings.`}
      </p>
    </>
  );
}
