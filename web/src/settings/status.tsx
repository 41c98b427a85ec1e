import { Progress, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Banner, Failure } from '../app/failure.tsx';
import { Page, Section } from '../app/page.tsx';
import type { Status } from '../api/types.ts';
import { fromCode } from '../words/call.ts';
import { bytes, count, counted, decimal, percent } from '../words/numbers.ts';
import { ago, momentExact } from '../words/time.ts';
import { statusQuery } from './queries.ts';
import classes from './settings.module.css';

/** How every part does, in words. */
export function StatusPage() {
  const status = useQuery(statusQuery);
  return (
    <Page title="Status">
      {status.isPending && <Skeleton height={220} radius="md" role="status" aria-label="Loading the status" />}
      {status.isError && status.data === undefined && (
        <Failure title="The status could not be loaded" error={status.error} retry={() => void status.refetch()} />
      )}
      {status.data !== undefined && <Parts status={status.data} />}
    </Page>
  );
}

const RECORDER: Readonly<Record<Status['recorder']['state'], { tone: Tone; main: string; text: string }>> = {
  ready: { tone: 'good', main: 'Ready', text: 'It takes and records calls.' },
  starting: { tone: 'warn', main: 'Starting', text: 'It takes calls in a moment.' },
  draining: { tone: 'warn', main: 'Draining', text: 'Running calls go on; new ones are refused.' },
  away: { tone: 'bad', main: 'Away', text: 'It does not answer. The supervisor starts it again.' },
};

type Tone = 'good' | 'warn' | 'bad';

function Parts({ status }: { readonly status: Status }) {
  const { recorder, archive, disk, database, alarms, versions } = status;
  return (
    <div className={classes.stack}>
      {alarms.length > 0 ? (
        <Banner tone="bad">
          <strong>{counted(alarms.length, 'alarm')}</strong>
          <ul className={classes.alarms}>
            {alarms.map(({ code, text }) => (
              <li key={code}>{text}</li>
            ))}
          </ul>
        </Banner>
      ) : (
        <p className={classes.soft}>No alarms.</p>
      )}
      <div className={classes.cards}>
        <Tile tone={RECORDER[recorder.state].tone} title="Recorder" main={RECORDER[recorder.state].main}>
          {RECORDER[recorder.state].text} {counted(recorder.calls, 'call')} running.
        </Tile>
        <Tile tone={database.ok ? 'good' : 'bad'} title="Database" main={database.ok ? 'Answers' : 'Does not answer'}>
          {database.ok
            ? `In ${decimal(database.latencyMs ?? 0)} ms. PostgreSQL ${versions.postgresql ?? ''}`
            : 'Recording goes on without it; lists and search do not work until it is back.'}
        </Tile>
        <Tile
          tone={archive.waiting > 20 ? 'warn' : 'good'}
          title="Archive"
          main={archive.waiting === 0 ? 'Up to date' : `${counted(archive.waiting, 'call')} waiting`}
        >
          {archive.waiting === 0
            ? 'Every call that has ended is in the list.'
            : 'Ended, safe, and not in the list yet.'}
        </Tile>
        <DiskTile disk={disk} />
      </div>
      <Section title="Figures of the recorder" note="The same as in /metrics for Prometheus.">
        <dl className={classes.figures}>
          {Object.entries(recorder.figures).map(([name, value]) => (
            <div key={name}>
              <dt>{figureName(name)}</dt>
              <dd>{figureValue(name, value)}</dd>
            </div>
          ))}
        </dl>
      </Section>
      <Section title="Versions">
        <dl className={classes.figures}>
          <Figure name="Earshot" value={versions.earshot} />
          <Figure name="Recorder" value={versions.recorder ?? 'unknown'} />
          <Figure name="Node.js" value={versions.node} />
          <Figure name="PostgreSQL" value={versions.postgresql ?? 'unknown'} />
          <Figure name="Node id" value={recorder.nodeId ?? 'unknown'} />
          <Figure name="Service started" value={ago(status.startedAt)} title={momentExact(status.startedAt)} />
        </dl>
      </Section>
    </div>
  );
}

function DiskTile({ disk }: { readonly disk: Status['disk'] }) {
  if (disk === null) {
    return (
      <Tile tone="warn" title="Disk" main="Unknown">
        The free space cannot be told.
      </Tile>
    );
  }
  const free = disk.totalBytes === 0 ? 0 : disk.freeBytes / disk.totalBytes;
  return (
    <Tile
      tone={free < 0.05 ? 'bad' : free < 0.15 ? 'warn' : 'good'}
      title="Disk"
      main={`${bytes(disk.freeBytes)} free`}
    >
      <Progress
        value={100 * (1 - free)}
        size={6}
        my={6}
        color={free < 0.15 ? 'orange' : 'sea'}
        aria-label="Used space of the disk"
      />
      {percent(disk.freeBytes, disk.totalBytes)} of {bytes(disk.totalBytes)} free
    </Tile>
  );
}

interface TileProps {
  readonly tone: Tone;
  readonly title: string;
  readonly main: string;
  readonly children: ReactNode;
}

function Tile({ tone, title, main, children }: TileProps) {
  return (
    <section className={classes.tile} aria-label={title}>
      <h2 className={classes.tileHead}>
        <span className={classes.dot} data-tone={tone} aria-hidden="true" />
        {title}
      </h2>
      <p className={classes.tileMain}>{main}</p>
      <div className={classes.soft}>{children}</div>
    </section>
  );
}

function Figure({ name, value, title }: { readonly name: string; readonly value: string; readonly title?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd title={title}>{value}</dd>
    </div>
  );
}

const FIGURES: Readonly<Record<string, string>> = {
  calls_running: 'Calls running',
  calls_unarchived: 'Calls not archived yet',
  calls_opened_total: 'Calls taken since start',
  calls_ended_total: 'Calls ended',
  calls_refused_total: 'Calls refused',
  calls_ignored_total: 'Calls not recorded by policy',
  rtp_packets: 'Packets of the running calls',
  rtp_foreign_packets: 'Packets from elsewhere, refused',
  rtp_batch_receiver: 'Media is read in batches (1 = yes)',
  rtp_dropped_total: 'Packets that the system dropped unread',
  rtp_ports_free: 'RTP ports free',
  rtp_ports_used: 'RTP ports in use',
  rtp_ports_resting: 'RTP ports resting',
  log_records_total: 'Records written',
  log_bytes_total: 'Written to the audio log',
  log_records_lost_total: 'Records lost',
  log_failures_total: 'Failed writes',
  log_unsynced_ms: 'Not yet safe on disk',
  log_sync_lag_p99_ms: 'Time until safe on disk (p99)',
  sip_transactions: 'SIP transactions',
  sip_dialogs: 'SIP dialogs',
  sip_requests_total: 'SIP requests',
  sip_refused_total: 'SIP requests refused',
  disk_free_bytes: 'Disk free',
  process_cpu_seconds_total: 'CPU time',
  process_resident_bytes: 'Memory',
};

const figureName = (name: string): string => FIGURES[name] ?? fromCode(name.replace(/_total$/, ''));

function figureValue(name: string, value: number): string {
  if (/_bytes(_total)?$/.test(name)) return bytes(value);
  if (name.endsWith('_ms') || name.endsWith('_p99_ms')) return `${decimal(value)} ms`;
  if (name.includes('_seconds')) return `${decimal(value)} s`;
  return count(value);
}
