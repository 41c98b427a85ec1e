import type { Exclusion } from '../../directory/types.ts';

const BY_HAND_TOO = 'nor by hand';

/** An exclusion as a line of text. */
export function lineOf({ pattern, note, manualToo }: Exclusion): string {
  return [pattern, ...(note === undefined ? [] : [note]), ...(manualToo === true ? [BY_HAND_TOO] : [])].join('; ');
}

export function linesOf(text: string): Exclusion[] {
  return text.split('\n').flatMap((line) => {
    const [pattern = '', ...rest] = line.split(';').map((part) => part.trim());
    if (pattern === '') return [];
    const isByHandToo = rest.at(-1)?.toLowerCase() === BY_HAND_TOO;
    const note = (isByHandToo ? rest.slice(0, -1) : rest).join('; ');
    return [{ pattern, ...(note === '' ? {} : { note }), ...(isByHandToo ? { manualToo: true } : {}) }];
  });
}
