import { ActionIcon, Button, Skeleton, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { audioAddress } from '../api/client.ts';
import type { RecordingDetail } from '../api/types.ts';
import { peaksQuery } from '../recordings/queries.ts';
import { MutedIcon, SpeakerIcon } from '../theme/icons.tsx';
import { partyLines } from '../words/call.ts';
import { Controls } from './controls.tsx';
import { ShortcutHelp } from './help.tsx';
import classes from './player.module.css';
import { isTaken, useShortcutsOn } from './shortcuts.ts';
import type { Player as PlayerPort } from './use-player.ts';
import { Waveform, type Flag } from './waveform.tsx';

interface PlayerProps {
  readonly recording: RecordingDetail;
  readonly player: PlayerPort;
  readonly flags: readonly Flag[];
  /** Buttons at the end of the bar, e.g. downloads. */
  readonly actions?: ReactNode;
}

/** Wave forms and controls of one recording. */
export function Player({ recording, player, flags, actions }: PlayerProps) {
  const [help, setHelp] = useState(false);
  const peaks = useQuery(peaksQuery(recording.id));
  useKeys(player, () => setHelp(true));
  return (
    <section className={classes.player} aria-label="Player">
      {/* Nothing is loaded before somebody plays: the audit log says who has heard it. */}
      <audio ref={player.audio} src={audioAddress(recording.id, 'wav')} preload="none" />
      <div className={classes.board}>
        <div className={classes.names}>
          {channelNames(recording).map(({ main, sub }, channel) => (
            <div key={channel} className={classes.who} data-muted={player.muted[channel] === true || undefined}>
              <MuteButton player={player} channel={channel} name={main} />
              <span className={classes.whoText}>
                <span className={classes.whoMain}>{main}</span>
                {sub !== null && <span className={classes.whoSub}>{sub}</span>}
              </span>
            </div>
          ))}
        </div>
        {peaks.data === undefined ? (
          <WaveMissing channels={recording.channels} failed={peaks.isError} retry={() => void peaks.refetch()} />
        ) : (
          <Waveform player={player} channels={peaks.data.channels} flags={flags} />
        )}
      </div>
      {player.failed && (
        <div className={classes.failed} role="alert">
          The audio could not be loaded. It may be that the server is away, or that the sealed object cannot be opened.
          <Button size="compact-sm" variant="default" onClick={() => player.retry()}>
            Try again
          </Button>
        </div>
      )}
      <Controls player={player} recording={recording} onHelp={() => setHelp(true)} actions={actions} />
      <ShortcutHelp opened={help} onClose={() => setHelp(false)} />
    </section>
  );
}

interface MuteProps {
  readonly player: PlayerPort;
  readonly channel: number;
  readonly name: string;
}

/** In the channel's colour while it is heard. */
function MuteButton({ player, channel, name }: MuteProps) {
  const isMuted = player.muted[channel] === true;
  return (
    <Tooltip label={isMuted ? `Hear ${name} (${channel + 1})` : `Mute ${name} (${channel + 1})`}>
      <ActionIcon
        size={34}
        variant="subtle"
        color="gray"
        aria-label={`Mute ${name}`}
        aria-pressed={isMuted}
        style={{ color: isMuted ? 'var(--ink-soft)' : `var(--channel-${channel % 4})` }}
        onClick={() => player.toggleMute(channel)}
      >
        {isMuted ? <MutedIcon size={20} /> : <SpeakerIcon size={20} />}
      </ActionIcon>
    </Tooltip>
  );
}

function WaveMissing({ channels, failed, retry }: { channels: number; failed: boolean; retry: () => void }) {
  if (!failed) return <Skeleton height={72 * Math.max(1, channels) + 24} />;
  return (
    <div className={classes.failed} role="alert">
      The wave form could not be loaded; the audio may still play.
      <Button size="compact-sm" variant="default" onClick={retry}>
        Try again
      </Button>
    </div>
  );
}

/** Who speaks on each channel; a party's successor stands with it. */
export function channelNames(recording: RecordingDetail): { main: string; sub: string | null }[] {
  return Array.from({ length: recording.channels }, (_, channel) => {
    const speakers = recording.parties.filter((party) => party.channel === channel).map(partyLines);
    const [first, ...rest] = speakers;
    if (first === undefined) return { main: `Channel ${channel + 1}`, sub: null };
    return rest.length === 0 ? first : { main: speakers.map(({ main }) => main).join(', then '), sub: null };
  });
}

function useKeys(player: PlayerPort, onHelp: () => void): void {
  const isOn = useShortcutsOn();
  useEffect(() => {
    if (!isOn) return undefined;
    const actions: Readonly<Record<string, () => void>> = {
      ' ': () => player.toggle(),
      k: () => player.toggle(),
      j: () => player.skip(-10_000),
      l: () => player.skip(10_000),
      ArrowLeft: () => player.skip(-5000),
      ArrowRight: () => player.skip(5000),
      '<': () => player.faster(-1),
      '>': () => player.faster(1),
      '1': () => player.toggleMute(0),
      '2': () => player.toggleMute(1),
      '0': () => player.unmute(),
      m: () => player.muteAll(),
      '?': onHelp,
    };
    const press = (event: KeyboardEvent): void => {
      const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (action === undefined || isTaken(event)) return;
      event.preventDefault();
      action();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  });
}
