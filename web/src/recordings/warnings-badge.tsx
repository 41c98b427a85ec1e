import { Badge, Tooltip } from '@mantine/core';
import { WarningIcon } from '../theme/icons.tsx';
import { counted } from '../words/numbers.ts';
import classes from './list.module.css';

/** That something is noteworthy; what it is stands on the recording's page. */
export function WarningsBadge({
  warnings,
  playable,
}: {
  readonly warnings: readonly string[];
  readonly playable: boolean;
}) {
  if (!playable) return <Badge color="gray">No audio</Badge>;
  if (warnings.length === 0) return null;
  return (
    <Tooltip label={warnings.slice(0, 4).join(' · ')} multiline maw={360}>
      <Badge color="yellow" leftSection={<WarningIcon size={12} />} className={classes.aboveLink ?? ''}>
        {counted(warnings.length, 'warning')}
      </Badge>
    </Tooltip>
  );
}
