import { ActionIcon, Button, Menu, Slider, Tooltip } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import type { RecordingDetail } from '../api/types.ts';
import {
  BackIcon,
  ChevronDownIcon,
  ForwardIcon,
  KeyboardIcon,
  PauseIcon,
  PlayIcon,
  SpeakerIcon,
} from '../theme/icons.tsx';
import { decimal } from '../words/numbers.ts';
import { length } from '../words/time.ts';
import classes from './player.module.css';
import { SPEEDS, type Player } from './use-player.ts';

interface ControlsProps {
  readonly player: Player;
  readonly recording: RecordingDetail;
  readonly onHelp: () => void;
  readonly actions?: ReactNode;
}

export function Controls({ player, recording, onHelp, actions }: ControlsProps) {
  return (
    <div className={classes.controls}>
      <div className={classes.transport}>
        <Tooltip label="Back 10 seconds (J)">
          <ActionIcon
            size={40}
            variant="subtle"
            color="gray"
            c="inherit"
            aria-label="Back 10 seconds"
            onClick={() => player.skip(-10_000)}
          >
            <BackIcon size={22} />
          </ActionIcon>
        </Tooltip>
        <ActionIcon
          size={48}
          radius="xl"
          variant="filled"
          loading={player.waiting && player.playing}
          aria-label={player.playing ? 'Pause' : 'Play'}
          onClick={() => player.toggle()}
        >
          {player.playing ? <PauseIcon size={22} /> : <PlayIcon size={22} />}
        </ActionIcon>
        <Tooltip label="On 10 seconds (L)">
          <ActionIcon
            size={40}
            variant="subtle"
            color="gray"
            c="inherit"
            aria-label="On 10 seconds"
            onClick={() => player.skip(10_000)}
          >
            <ForwardIcon size={22} />
          </ActionIcon>
        </Tooltip>
        <Clock player={player} />
      </div>
      <div className={classes.tools}>
        <SoundMenu player={player} stereo={recording.channels > 1} />
        <SpeedMenu player={player} />
        <Tooltip label="Keyboard shortcuts (?)">
          <ActionIcon
            size={36}
            variant="subtle"
            color="gray"
            c="inherit"
            aria-label="Keyboard shortcuts"
            onClick={onHelp}
            className={classes.keys ?? ''}
          >
            <KeyboardIcon size={20} />
          </ActionIcon>
        </Tooltip>
        {actions}
      </div>
    </div>
  );
}

/** Position and length; told by the slider to screen readers. */
function Clock({ player: { position, durationMs } }: { readonly player: Player }) {
  const [at, setAt] = useState(0);
  useEffect(() => {
    const timer = window.setInterval(() => setAt(position()), 100);
    return () => window.clearInterval(timer);
  }, [position]);
  return (
    <span className={classes.clock} aria-hidden="true">
      {length(at)} <span>/ {length(durationMs)}</span>
    </span>
  );
}

function SpeedMenu({ player }: { readonly player: Player }) {
  return (
    <Menu position="top-end" width={120} shadow="md">
      <Menu.Target>
        <Button
          size="xs"
          variant="default"
          rightSection={<ChevronDownIcon size={14} />}
          aria-label={`Speed ${decimal(player.speed)} times`}
        >
          {player.speed}×
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {SPEEDS.map((speed) => (
          <Menu.Item
            key={speed}
            role="menuitemradio"
            aria-checked={speed === player.speed}
            fw={speed === player.speed ? 700 : 400}
            onClick={() => player.setSpeed(speed)}
          >
            {speed}×
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function SoundMenu({ player, stereo }: { readonly player: Player; readonly stereo: boolean }) {
  return (
    <>
      <div className={classes.volume}>
        <SpeakerIcon size={18} />
        <Slider
          w={84}
          size="sm"
          min={0}
          max={100}
          step={5}
          label={(value) => `${value} %`}
          value={Math.round(player.volume * 100)}
          onChange={(value) => player.setVolume(value / 100)}
          thumbLabel="Volume"
          thumbProps={{ 'aria-valuetext': `${Math.round(player.volume * 100)} percent` }}
        />
      </div>
      {stereo && (
        <Tooltip label="One party in each ear, or both in both">
          <Button size="xs" variant="default" onClick={() => player.setApart(!player.apart)}>
            {player.apart ? 'Stereo' : 'Mono'}
          </Button>
        </Tooltip>
      )}
    </>
  );
}
