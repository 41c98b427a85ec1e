import { Badge } from '@mantine/core';
import type { LiveCall, LiveStream } from '../../api/types.ts';
import { HoldIcon } from '../../theme/icons.tsx';
import { codecWords, partyName } from '../../words/call.ts';
import { bytes, count, counted } from '../../words/numbers.ts';
import classes from './live.module.css';

/** Shorter silence is a pause in speech of a sender that sends nothing then. */
const SILENCE_MS = 3000;

interface Props {
  readonly stream: LiveStream;
  readonly parties: LiveCall['parties'];
}

/** One stream of a running call: who speaks, in what, how much has come. */
export function StreamLine({ stream, parties }: Props) {
  const names = stream.speakers.map((id) => partyName(parties.find((party) => party.id === id)));
  return (
    <li className={classes.stream}>
      <span className={classes.speaker}>
        <span
          className={classes.swatch}
          style={{ background: `var(--channel-${stream.stream % 4})` }}
          aria-hidden="true"
        />
        {names.length === 0 ? `Stream ${stream.label || stream.stream + 1}` : names.join(', ')}
      </span>
      <span>{codecWords(stream.codec)}</span>
      <span className={classes.figures}>
        {counted(stream.packets, 'packet')}, {bytes(stream.bytes)}
      </span>
      <span className={classes.state}>
        <StreamState stream={stream} />
        {stream.foreign > 0 && <Badge color="yellow">{count(stream.foreign)} from elsewhere refused</Badge>}
      </span>
    </li>
  );
}

function StreamState({ stream }: { readonly stream: LiveStream }) {
  if (stream.state === 'held') {
    return (
      <Badge color="gray" leftSection={<HoldIcon size={12} />}>
        On hold
      </Badge>
    );
  }
  if (stream.state === 'removed') return <Badge color="gray">Ended</Badge>;
  if (stream.silentFor === null) return <Badge color="yellow">Nothing has come yet</Badge>;
  if (stream.silentFor > SILENCE_MS) {
    return <Badge color="yellow">Nothing for {counted(Math.round(stream.silentFor / 1000), 'second')}</Badge>;
  }
  return <Badge color="teal">Receiving</Badge>;
}
