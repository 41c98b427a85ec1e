import type { CallSummary } from '../api/types.ts';

/** What made a recording, with who asked where a person did (S9). */
export function madeBy(by: CallSummary['recordings'][number]['by'], asker: string | null): string {
  switch (by) {
    case 'policy':
      return 'Automatic';
    case 'hand':
      return asker === null || asker === '' ? 'By hand' : `By hand, ${asker}`;
    case 'flow':
      return asker === null || asker === '' ? 'By a call flow' : `By a call flow, ${asker}`;
    case 'live-keep':
      return asker === null || asker === '' ? 'Held, then kept' : `Held, then kept by ${asker}`;
  }
}
