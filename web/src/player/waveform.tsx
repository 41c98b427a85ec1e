import { useEffect, useRef, type KeyboardEvent, type PointerEvent } from 'react';
import { useElementSize } from '@mantine/hooks';
import { length, spokenLength } from '../words/time.ts';
import { gainOf, timeMarks, type Wave } from './draw.ts';
import { Lane } from './lane.tsx';
import classes from './player.module.css';
import type { Player } from './use-player.ts';

export interface Flag {
  readonly offsetMs: number;
  readonly text: string;
}

interface WaveformProps {
  readonly player: Player;
  readonly channels: readonly Wave[];
  readonly flags: readonly Flag[];
}

/** The wave forms of all channels under one position; a slider for keyboard and screen reader. */
export function Waveform({ player, channels, flags }: WaveformProps) {
  const { durationMs, muted } = player;
  const slider = useRef<HTMLDivElement>(null);
  const { ref: scaleRef, width } = useElementSize<HTMLDivElement>();
  const gain = gainOf(channels);
  usePosition(player, slider);
  const share = (event: PointerEvent<HTMLElement>): number => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
  };
  const hover = (event: PointerEvent<HTMLElement>): void => {
    const at = share(event);
    if (event.pointerType === 'mouse') event.currentTarget.dataset['hover'] = length(at * durationMs);
    event.currentTarget.style.setProperty('--hover', `${100 * at}%`);
    if (event.buttons === 1 && event.currentTarget.hasPointerCapture(event.pointerId)) player.seek(at * durationMs);
  };
  return (
    <div>
      <div
        ref={slider}
        className={classes.wave}
        role="slider"
        tabIndex={0}
        aria-label="Position"
        aria-valuemin={0}
        aria-valuemax={Math.round(durationMs / 1000)}
        aria-valuenow={0}
        onKeyDown={(event) => moveByKey(event, player)}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          player.seek(share(event) * durationMs);
        }}
        onPointerMove={hover}
        onPointerLeave={(event) => delete event.currentTarget.dataset['hover']}
      >
        {channels.map((wave, channel) => (
          <Lane key={channel} wave={wave} gain={gain} channel={channel} muted={muted[channel] === true} />
        ))}
        {flags.map(({ offsetMs, text }, i) => (
          <span
            key={i}
            className={classes.flag}
            title={text}
            style={{ insetInlineStart: `${(100 * offsetMs) / durationMs}%` }}
            aria-hidden="true"
          />
        ))}
        <span className={classes.hoverLine} aria-hidden="true" />
        <span className={classes.head} aria-hidden="true" />
      </div>
      <div className={classes.scale} ref={scaleRef} aria-hidden="true">
        {timeMarks(durationMs, Math.max(2, Math.floor(width / 80))).map((at) => (
          <span key={at} style={{ insetInlineStart: `${(100 * at) / durationMs}%` }}>
            {length(at)}
          </span>
        ))}
      </div>
    </div>
  );
}

/** Moves the position with the sound, past React: sixty times a second. */
function usePosition({ position, durationMs }: Player, slider: React.RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    let frame = 0;
    let told = -1;
    const step = (): void => {
      const at = position();
      const element = slider.current;
      element?.style.setProperty('--at', `${durationMs === 0 ? 0 : Math.min(100, (100 * at) / durationMs)}%`);
      const second = Math.floor(at / 1000);
      if (element !== null && second !== told) {
        told = second;
        element.setAttribute('aria-valuenow', String(second));
        element.setAttribute('aria-valuetext', `${spokenLength(second * 1000)} of ${spokenLength(durationMs)}`);
      }
      frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
    return () => cancelAnimationFrame(frame);
  }, [position, durationMs, slider]);
}

function moveByKey(event: KeyboardEvent, player: Player): void {
  const moves: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => player.skip(-5000),
    ArrowDown: () => player.skip(-5000),
    ArrowRight: () => player.skip(5000),
    ArrowUp: () => player.skip(5000),
    PageDown: () => player.skip(-30_000),
    PageUp: () => player.skip(30_000),
    Home: () => player.seek(0),
    End: () => player.seek(player.durationMs),
    ' ': () => player.toggle(),
    Enter: () => player.toggle(),
  };
  const move = moves[event.key];
  if (move === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  move();
}
