import { NativeSelect } from '@mantine/core';
import { orNothing, patched } from '../../directory/merge.ts';
import { CELLS, type Switches } from '../../directory/types.ts';
import { CELL_WORDS } from '../../words/policy.ts';
import classes from './frame.module.css';

interface Props {
  readonly value: Switches | undefined;
  readonly onChange: (value: Switches | undefined) => void;
  readonly inherits: string;
}

/** The four switches of one user or device; the matrix shows those of all. */
export function SwitchFields({ value = {}, onChange, inherits }: Props) {
  return (
    <div className={classes.pair}>
      {CELLS.map((cell) => {
        const words = CELL_WORDS[cell];
        return (
          <NativeSelect
            key={cell}
            label={words.charAt(0).toUpperCase() + words.slice(1)}
            value={value[cell] ?? ''}
            onChange={({ currentTarget: { value: next } }) =>
              onChange(orNothing(patched(value, { [cell]: next === 'on' || next === 'off' ? next : undefined })))
            }
            data={[
              { value: '', label: inherits },
              { value: 'on', label: 'On' },
              { value: 'off', label: 'Off' },
            ]}
          />
        );
      })}
    </div>
  );
}
