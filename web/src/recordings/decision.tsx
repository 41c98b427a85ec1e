import { Badge } from '@mantine/core';
import type { RecordingDetail } from '../api/types.ts';
import { layerWords, saysWords, VERDICT_WORDS } from '../words/call.ts';
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
        <Badge size="lg" color={decision.verdict === 'record' ? 'sea' : 'gray'}>
          {VERDICT_WORDS[decision.verdict]}
        </Badge>
        {VERDICTS[decision.verdict]}
      </p>
      <ol className={classes.layers}>
        {decision.layers.map((layer, i) => (
          <li key={i}>
            <span className={classes.strong}>{layerWords(layer.layer)}</span>
            <span className={classes.says} data-says={layer.says}>
              {saysWords(layer.says)}
            </span>
            <p>{layer.why}</p>
          </li>
        ))}
      </ol>
      <p className={classes.soft}>
        {decision.settingsVersion === 0
          ? 'No settings were readable at that time.'
          : `Decided by version ${decision.settingsVersion} of the settings.`}
      </p>
    </>
  );
}
