import type { ReactNode } from 'react';
import { Section } from '../app/page.tsx';
import type { RecordingDetail } from '../api/types.ts';
import { useNames } from '../directory/queries.ts';
import { useMay } from '../session/session.ts';
import { madeBy } from '../words/asking.ts';
import { codecWords, endWords, partyLines, protocolWords } from '../words/call.ts';
import { bytes } from '../words/numbers.ts';
import { ago, clockSeconds, day, momentExact, spokenLength } from '../words/time.ts';
import { DirectionMark } from './direction.tsx';
import classes from './recording.module.css';

const ROLES = { caller: 'Caller', callee: 'Callee', unknown: 'Party' } as const;

/** Who spoke, when, over what. */
export function Facts({ recording }: { readonly recording: RecordingDetail }) {
  return (
    <div className={classes.facts}>
      <Section title="Parties">
        {recording.parties.length === 0 && <p className={classes.soft}>Nobody was named in the call’s signalling.</p>}
        <ul className={classes.parties}>
          {recording.parties.map((party) => {
            const { main, sub } = partyLines(party);
            return (
              <li key={party.position}>
                <span
                  className={classes.partyMark}
                  style={party.channel === null ? {} : { background: `var(--channel-${party.channel % 4})` }}
                  aria-hidden="true"
                />
                <span className={classes.partyWords}>
                  <span className={classes.strong}>{main}</span>
                  <span className={classes.soft}>{[sub, channelWords(party.channel)].filter(Boolean).join(' · ')}</span>
                  {party.aor !== null && <span className={classes.mono}>{party.aor}</span>}
                </span>
                <span className={classes.role}>{ROLES[party.role]}</span>
              </li>
            );
          })}
        </ul>
      </Section>
      <Section title="Call">
        <dl className={classes.list}>
          <Fact label="Started">
            <time dateTime={recording.startedAt} title={momentExact(recording.startedAt)}>
              {day(recording.startedAt)}, {clockSeconds(recording.startedAt)}
            </time>
          </Fact>
          <Fact label="Ended">
            <time dateTime={recording.endedAt}>{clockSeconds(recording.endedAt)}</time>. {endWords(recording.endReason)}
          </Fact>
          <Fact label="Length">{spokenLength(recording.durationMs)}</Fact>
          <Fact label="Direction">
            <DirectionMark direction={recording.direction} />
          </Fact>
          <Fact label="Made">{madeBy(recording.by, recording.asker)}</Fact>
          <Fact label="Belongs to">
            <OwnerWords recording={recording} />
          </Fact>
          <Fact label="Codec">{codecWords(recording.codec)}</Fact>
          <Fact label="Way in">
            {protocolWords(recording.protocol)}, trunk {recording.trunk}
          </Fact>
          <Fact label="Stored as">{storedAs(recording)}</Fact>
          <Fact label="Kept">
            {recording.retainUntil === null
              ? 'Until somebody deletes it'
              : `Until ${day(recording.retainUntil)} (${ago(recording.retainUntil)})`}
          </Fact>
        </dl>
      </Section>
    </div>
  );
}

const OWNERS = {
  user: 'A user',
  'catch-all': 'The catch-all user',
  unassigned: 'Nobody: it is listed as unassigned',
  discard: 'Nobody',
} as const;

/** Whose it is, and the recording group at the time of the call. */
function OwnerWords({ recording: { owner, accountId } }: { readonly recording: RecordingDetail }) {
  const may = useMay();
  const ids = owner.groupId === null || !may('directory.read') ? [] : [owner.groupId];
  const group = useNames(accountId, 'groups', ids).get(owner.groupId ?? '');
  const who = owner.name ?? (owner.kind === null ? 'Not known' : OWNERS[owner.kind]);
  return group === undefined ? who : `${who}, group ${group}`;
}

export function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function channelWords(channel: number | null): string {
  if (channel === null) return 'not heard';
  if (channel === 0) return 'left channel';
  return channel === 1 ? 'right channel' : `channel ${channel + 1}`;
}

function storedAs({ container, channels, bytes: size }: RecordingDetail): string {
  if (container === 'none') return 'No audio';
  const form = channels === 2 ? 'stereo' : channels === 1 ? 'mono' : `${channels} channels`;
  return `${container.toUpperCase()}, ${form}, ${bytes(size)} sealed`;
}
