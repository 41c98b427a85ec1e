import { useElementSize, useMergedRef } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { useComputedColorScheme } from '@mantine/core';
import { drawWave, type Wave } from './draw.ts';
import classes from './player.module.css';

interface LaneProps {
  readonly wave: Wave;
  readonly gain: number;
  readonly channel: number;
  readonly muted: boolean;
}

/** A channel's wave form twice, one over the other: what was played in full colour, the rest pale. */
export function Lane({ wave, gain, channel, muted }: LaneProps) {
  const rest = useRef<HTMLCanvasElement>(null);
  const played = useRef<HTMLCanvasElement>(null);
  const { ref, width, height } = useElementSize<HTMLDivElement>();
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const frame = useMergedRef(ref);
  useEffect(() => {
    if (width === 0) return;
    const scale = Math.min(2, window.devicePixelRatio || 1);
    const style = getComputedStyle(document.documentElement);
    const draw = (canvas: HTMLCanvasElement | null, name: string): void => {
      if (canvas === null) return;
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
      drawWave(canvas, wave, gain, style.getPropertyValue(name).trim(), scale);
    };
    draw(rest.current, `--channel-${channel % 4}-soft`);
    draw(played.current, `--channel-${channel % 4}`);
  }, [wave, gain, channel, width, height, scheme]);
  return (
    <div className={classes.lane} data-muted={muted || undefined}>
      <div ref={frame} className={classes.laneInner}>
        <canvas ref={rest} />
        <canvas ref={played} className={classes.played} />
      </div>
    </div>
  );
}
