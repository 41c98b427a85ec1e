import type { ReactNode } from 'react';
import type { Direction } from '../api/types.ts';
import { DialInIcon, IncomingIcon, InternalIcon, OutgoingIcon, UnknownIcon } from '../theme/icons.tsx';
import { DIRECTION_WORDS } from '../words/call.ts';
import classes from './list.module.css';

const ICONS: Readonly<Record<Direction, ReactNode>> = {
  IN: <IncomingIcon size={16} />,
  OUT: <OutgoingIcon size={16} />,
  INTERNAL: <InternalIcon size={16} />,
  DIALIN: <DialInIcon size={16} />,
  UNKNOWN: <UnknownIcon size={16} />,
};

export function DirectionMark({ direction }: { readonly direction: Direction }) {
  return (
    <span className={classes.direction} data-direction={direction}>
      {ICONS[direction]}
      {DIRECTION_WORDS[direction]}
    </span>
  );
}
