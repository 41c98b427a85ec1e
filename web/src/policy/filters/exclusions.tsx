import { Textarea } from '@mantine/core';
import { useState } from 'react';
import type { Exclusion } from '../../directory/types.ts';
import { lineOf, linesOf } from './exclusion-lines.ts';
import { patternFault } from './pattern.ts';

interface Props {
  readonly exclusions: readonly Exclusion[];
  readonly onChange: (exclusions: readonly Exclusion[]) => void;
}

/** One exclusion a line; what follows `;` is its note, and `nor by hand` in front forbids recording by hand as well. */
export function ExclusionsField({ exclusions, onChange }: Props) {
  const [text, setText] = useState(exclusions.map(lineOf).join('\n'));
  const read = linesOf(text);
  const fault = read.map(({ pattern }) => patternFault(pattern)).find((one) => one !== null) ?? null;
  return (
    <Textarea
      label="Numbers and patterns"
      description="One per line. A note may follow after a semicolon; a line that ends in “; nor by hand” forbids recording by hand too."
      placeholder={'0800!\n+4930555....; works council; nor by hand'}
      value={text}
      onChange={({ currentTarget: { value } }) => {
        setText(value);
        onChange(linesOf(value));
      }}
      error={fault}
      autosize
      minRows={4}
      maxRows={16}
      spellCheck={false}
    />
  );
}
