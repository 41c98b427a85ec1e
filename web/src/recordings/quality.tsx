import type { RecordingDetail, Track } from '../api/types.ts';
import { codecWords } from '../words/call.ts';
import { counted, count, decimal, percent } from '../words/numbers.ts';
import { channelNames } from '../player/player.tsx';
import { spokenLength } from '../words/time.ts';
import { Fact } from './facts.tsx';
import { Offset } from './events.tsx';
import classes from './recording.module.css';
import { readTrackDetail, type TrackDetail } from './track-detail.ts';

interface Props {
  readonly recording: RecordingDetail;
  readonly seek: ((ms: number) => void) | undefined;
}

/** What arrived on each channel and what did not, in words. */
export function QualityPanel({ recording, seek }: Props) {
  if (recording.tracks.length === 0)
    return <p className={classes.soft}>No packets arrived, so there is nothing to tell.</p>;
  const names = channelNames(recording);
  return (
    <div className={classes.tracks}>
      {recording.tracks.map((track) => (
        <section key={track.channel} className={classes.track} aria-label={`Channel ${track.channel + 1}`}>
          <h3>
            <span
              className={classes.partyMark}
              style={{ background: `var(--channel-${track.channel % 4})` }}
              aria-hidden="true"
            />
            {names[track.channel]?.main ?? `Channel ${track.channel + 1}`}
          </h3>
          <p className={classes.verdict} data-good={track.lost === 0 || undefined}>
            {verdictOn(track)}
          </p>
          <TrackFacts track={track} detail={readTrackDetail(track.detail)} />
          <Gaps detail={readTrackDetail(track.detail)} durationMs={recording.durationMs} seek={seek} />
        </section>
      ))}
    </div>
  );
}

function verdictOn(track: Track): string {
  if (track.packets === 0) return 'Nothing arrived on this channel.';
  if (track.lost === 0) return 'Complete: every packet that was sent has arrived.';
  const share = percent(track.lost, track.packets + track.lost);
  return `${counted(track.lost, 'packet')} of ${count(track.packets + track.lost)} did not arrive (${share}). There the recording is silent; nothing is shifted.`;
}

function TrackFacts({ track, detail }: { readonly track: Track; readonly detail: TrackDetail }) {
  return (
    <dl className={classes.list}>
      <Fact label="Packets">{count(track.packets)}</Fact>
      <Fact label="Lost">{count(track.lost)}</Fact>
      <Fact label="Out of order">
        {track.reordered === 0 ? 'None' : `${count(track.reordered)}, put back in order`}
      </Fact>
      <Fact label="Twice">{track.duplicates === 0 ? 'None' : `${count(track.duplicates)}, used once`}</Fact>
      <Fact label="Codec">{codecWords(track.codec)}</Fact>
      <Fact label="Nothing arrived for">
        {track.silentMs < 1
          ? 'No time'
          : track.silentMs < 1000
            ? `${count(Math.round(track.silentMs))} ms`
            : spokenLength(track.silentMs)}
      </Fact>
      <Fact label="Clock of the sender">{driftWords(detail)}</Fact>
      {detail.sources > 1 && <Fact label="Senders">{`${detail.sources}, one after the other`}</Fact>}
      {detail.comfortNoise > 0 && (
        <Fact label="Comfort noise">{counted(detail.comfortNoise, 'packet')}, kept as silence</Fact>
      )}
      {detail.events > 0 && <Fact label="Key presses">{counted(detail.events, 'packet')}; which keys is not kept</Fact>}
      {detail.mixedMs > 0 && <Fact label="Two at once">{counted(Math.ceil(detail.mixedMs), 'millisecond')} mixed</Fact>}
      {detail.foreignCodecs.length > 0 && (
        <Fact label="Not decoded">{detail.foreignCodecs.join(', ')}; kept, but silent here</Fact>
      )}
    </dl>
  );
}

function driftWords({ driftPpm, corrections }: TrackDetail): string {
  const drift =
    driftPpm === null
      ? 'The call is too short to tell'
      : driftPpm === 0
        ? 'As exact as ours'
        : `${decimal(Math.abs(driftPpm))} ppm too ${driftPpm > 0 ? 'fast' : 'slow'}`;
  if (corrections.length === 0) return `${drift}; nothing had to be corrected`;
  const samples = corrections.reduce((sum, { samples }) => sum + Math.abs(samples), 0);
  return `${drift}; corrected in ${counted(corrections.length, 'place')} by ${counted(samples, 'sample')} in all`;
}

const SHOWN = 12;
/** Shorter ones are the spaces between two packets at the ends of the call. */
const WORTH_MS = 10;

function Gaps({ detail, durationMs, seek }: { detail: TrackDetail; durationMs: number; seek: Props['seek'] }) {
  const gaps = detail.gaps.filter(({ fromMs, toMs }) => toMs - fromMs >= WORTH_MS);
  if (gaps.length === 0) return null;
  return (
    <>
      <h4>Where nothing arrived</h4>
      <ul className={classes.gaps}>
        {gaps.slice(0, SHOWN).map(({ fromMs, toMs }) => (
          <li key={fromMs}>
            <Offset ms={fromMs} durationMs={durationMs} seek={seek} />
            for{' '}
            {toMs - fromMs < 1000 ? `${count(Math.round(toMs - fromMs))} ms` : `${decimal((toMs - fromMs) / 1000)} s`}
          </li>
        ))}
      </ul>
      {gaps.length > SHOWN && <p className={classes.soft}>and {counted(gaps.length - SHOWN, 'further place')}.</p>}
    </>
  );
}
