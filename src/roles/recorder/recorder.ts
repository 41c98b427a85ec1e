import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock, type Clock } from '../../base/clock.ts';
import type { Config } from '../../base/config.ts';
import { systemRandom } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { CallEvent } from '../../link/journal.ts';
import type { StatusMessage } from '../../link/messages.ts';
import { warmThread } from '../../recording/capture/thread.ts';
import type { DroppedPackets, SourceChanged } from '../../recording/capture/types.ts';
import { Commands } from '../../recording/commands.ts';
import { ConversationIndex } from '../../recording/conversations.ts';
import { DiskGauge } from '../../recording/disk.ts';
import { Housekeeping } from '../../recording/housekeeping.ts';
import { retireJournal } from '../../recording/journal/retire.ts';
import { systemFiles } from '../../recording/log/files.ts';
import type { CapturePort } from '../../recording/ports.ts';
import { adoptOrphans } from '../../recording/orphans.ts';
import { Recorder } from '../../recording/recorder.ts';
import { recoverCalls } from '../../recording/recovery.ts';
import { saveDurably, SettingsFile } from '../../recording/settings-file.ts';
import { CallWatch } from '../../recording/watch.ts';
import { PortPool } from '../../rtp/ports.ts';
import { Alarms } from '../alarms.ts';
import { linkPath } from '../places.ts';
import { VERSION } from '../version.ts';
import { recorderFigures } from './figures.ts';
import { fitnessOf, refusalOf } from './fitness.ts';
import { RecorderLink } from './link.ts';
import { AlarmWatch } from './alarm-watch.ts';
import { DroppedDatagrams } from './dropped-datagrams.ts';
import { openSipPorts, readClientCa } from './listeners.ts';
import { openSip, type SipSide } from './sip.ts';
import { openSpool, type Spool } from './spool.ts';
import { TrunkBook } from './trunk-book.ts';

const DRAIN_LOOK_MS = 100;

/** The recorder's parts, put together once. */
interface Assembly {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly spool: Spool;
  readonly capture: CapturePort;
  readonly pool: PortPool;
  readonly disk: DiskGauge;
  readonly recorder: Recorder;
  readonly sip: SipSide;
  readonly link: RecorderLink;
  readonly alarms: Alarms;
  readonly dropped: DroppedDatagrams;
  readonly trunks: TrunkBook;
}

/** Two ways to end it. */
export interface RecorderSignals {
  /** It takes no new calls, waits for running ones, and ends the rest. */
  readonly stop: AbortSignal;
  /** It goes at once and leaves the running calls to its successor (upgrade). */
  readonly leave: AbortSignal;
}

/** Loads what a recorder needs, without touching anything: its own start is short then. */
export function warmUp(): Promise<void> {
  return warmThread();
}

/**
 * Runs the recorder until it is told to stop or to leave; resolves with the exit code.
 * @throws EarshotError for what an administrator must mend before it can start
 */
export async function runRecorder(config: Config, log: Log, signals: RecorderSignals): Promise<number> {
  const clock = systemClock({ hold: true });
  const assembly = await assemble(config, clock, log);
  const { recorder, sip, link, spool, disk, capture, alarms, dropped } = assembly;
  const failed = new Promise<number>((resolve) => {
    spool.capture.onFailed = (error) => {
      log.error({ error: error.message }, 'a capture thread ended; the recorder starts again');
      resolve(1);
    };
  });
  spool.capture.onSourceChanged = (change) => recorder.happened(change.callId, sourceChanged(change));
  spool.capture.onDropped = (of) => {
    log.warn(of, 'the kernel threw packets of a call away before they were read');
    recorder.happened(of.callId, packetsDropped(of));
  };
  // Bound before recovery, heard after it: a BYE that waits in the socket finds its dialog.
  const { transports, certificateEnds } = await openSipPorts(config, assembly.trunks.authorities, clock, log);
  await recover(assembly);
  for (const transport of transports) sip.agent.listen(transport);
  await link.open();
  disk.start();
  const watch = new CallWatch(recorder, (callId) => capture.figures(callId), config.limits, clock);
  watch.start();
  const housekeeping = makeHousekeeping(assembly);
  housekeeping.start();
  const refused = () => recorder.figures.callsRefused + sip.agent.stats().turnedAway;
  const alarmWatch = new AlarmWatch({ alarms, clock, refused, dropped: () => dropped.count(), certificateEnds });
  alarmWatch.start();
  log.info({ sip: config.sip.port, calls: recorder.running.length }, 'the recorder is ready');
  const code = await Promise.race([
    failed,
    aborted(signals.leave).then(() => leave(assembly)),
    aborted(signals.stop).then(() => drain(assembly)),
  ]);
  alarmWatch.stop();
  watch.stop();
  housekeeping.stop();
  disk.stop();
  link.close();
  await sip.agent.close();
  await spool.journal.close();
  await spool.capture.shutdown();
  return code;
}

async function assemble(config: Config, clock: Clock, log: Log): Promise<Assembly> {
  const alarms = new Alarms(log);
  const late: { link?: RecorderLink } = {};
  const spool = await openSpool(config, clock, log, alarms, (file, offset) => late.link?.journalMoved(file, offset));
  const pool = new PortPool({ ...config.rtp, clock });
  const disk = new DiskGauge(spool.dir, config.limits.minFreeMegabytes, clock);
  await disk.look();
  const { capture } = spool;
  const dropped = new DroppedDatagrams(
    (port) => port === config.sip.port || (port >= config.rtp.from && port <= config.rtp.to),
    () => clock.mono(),
  );
  const trunks = openTrunks(config, await readClientCa(config.sip.clientCa), spool, alarms, log);
  const settingsFile = new SettingsFile(join(spool.dir, 'settings.json'), log);
  const recorder = new Recorder(
    {
      clock,
      random: systemRandom,
      log,
      bootId: await bootId(),
      journal: spool.journal,
      capture,
      pool,
      conversations: new ConversationIndex(clock),
      maxCalls: config.limits.maxCalls,
      refusal: () => refusalOf(disk, spool),
      onChange: () => late.link?.callsChanged(),
      alarm: (code, text) => alarms.set(code, text),
    },
    settingsFile.load(),
  );
  const commands = new Commands(recorder, log);
  const sip = openSip({
    config,
    trunks,
    sink: recorder,
    keeper: spool.keeper,
    onCommand: (sessionId, command) => commands.ofSession(sessionId, command),
    fitness: fitnessOf(config, recorder, pool, disk, spool),
    clock,
    log,
  });
  const link = new RecorderLink({
    trunks,
    alarm: (code, text) => alarms.set(code, text),
    path: linkPath(config.dataDir),
    hello: { type: 'hello', nodeId: config.nodeName, pid: process.pid, version: VERSION },
    recorder,
    commands,
    capture,
    settingsFile,
    position: () => spool.journal.position,
    status: () => status({ recorder, pool, disk, spool, sip, alarms, dropped }),
    clock,
    log,
  });
  late.link = link;
  return { config, clock, log, spool, capture, pool, disk, recorder, sip, link, alarms, dropped, trunks };
}

function openTrunks(config: Config, clientCa: string | null, spool: Spool, alarms: Alarms, log: Log): TrunkBook {
  return new TrunkBook({
    fromFile: config.trunks,
    clientCa,
    path: join(spool.dir, 'trunks.json'),
    save: saveDurably,
    log,
    alarm: (code, text) => alarms.set(code, text),
  });
}

function sourceChanged({ stream, from, to, reason }: SourceChanged): CallEvent {
  const why = reason === 'signalled' ? 'as was signalled' : 'after silence of the old one';
  const text = `The media of stream ${stream + 1} comes from ${to.address}:${to.port} now, no more from ${from.address}:${from.port}, ${why}.`;
  return { type: 'source-changed', text };
}

function packetsDropped({ dropped }: DroppedPackets): CallEvent {
  const text = `${dropped} packets came and were thrown away by the system, as they could not be read in time.`;
  return { type: 'capture-gap', text };
}

async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

type StatusSources = Pick<Assembly, 'recorder' | 'pool' | 'disk' | 'spool' | 'sip' | 'alarms' | 'dropped'>;

function status({ recorder, pool, disk, spool, sip, alarms, dropped }: StatusSources): StatusMessage {
  alarms.set('disk-short', disk.refusal?.message ?? null);
  return {
    type: 'status',
    state: recorder.draining ? 'draining' : 'ready',
    settingsVersion: recorder.settingsVersion,
    figures: recorderFigures({
      recorder,
      dropped,
      pool,
      disk,
      capture: () => spool.capture.status(),
      sip: () => sip.agent.stats(),
    }),
    alarms: alarms.list,
  };
}

/** Goes on with the calls of a former recorder: ports first, then the dialogs. */
async function recover({ spool, recorder, sip, clock, log, capture, pool }: Assembly): Promise<void> {
  for (const callId of spool.found.archived) recorder.done.add(callId);
  for (const callId of spool.found.voided) recorder.voids.add(callId);
  // Only then: it takes a look into every segment, and running calls wait for it.
  const logged = spool.isJournalDamaged ? await spool.capture.describe((callId) => spool.found.calls.has(callId)) : [];
  const epochs = new Map(logged.map(({ callId, epoch }) => [callId, epoch]));
  const sessions = await recoverCalls(spool.found.calls.values(), {
    clock,
    log,
    bootId: await bootId(),
    journal: spool.journal,
    capture,
    pool,
    conversations: recorder.conversations,
    recorder,
    lastKnown: (call) => Math.max(call.openedAt, Math.min(spool.lastWritten, clock.now())),
    loggedEpoch: (callId) => epochs.get(callId) ?? 0,
  });
  for (const session of sessions) sip.siprec.restore(session);
  if (sessions.length > 0) log.warn({ calls: sessions.length }, 'went on with running calls');
}

function makeHousekeeping({ spool, recorder, clock, log, pool }: Assembly): Housekeeping {
  return new Housekeeping({
    clock,
    log,
    done: recorder.done,
    isJournalDamaged: spool.isJournalDamaged,
    adoptOrphans: async () => {
      const known = (callId: string): boolean => recorder.isDone(callId) || recorder.call(callId) !== undefined;
      const orphans = await spool.capture.describe((callId) => !known(callId));
      const { journal, found } = spool;
      return adoptOrphans(orphans, {
        clock,
        log,
        bootId: await bootId(),
        journal,
        pool,
        recorder,
        fragments: found.fragments,
      });
    },
    free: (isDone) => spool.capture.free(isDone),
    carry: (isDone) => spool.capture.carry(isDone),
    purge: (isDone) => spool.capture.purge(isDone, recorder.voids),
    listCalls: () => spool.capture.listCalls(),
    journalBytes: () => spool.journal.bytes,
    retireJournal: (isDamaged) =>
      retireJournal({
        folder: spool.journalDir,
        files: systemFiles,
        log,
        journal: spool.journal,
        unarchived: () => recorder.unarchived,
        isUnarchived: (callId) => recorder.call(callId) !== undefined,
        isDone: (callId) => recorder.isDone(callId),
        isDamaged,
      }),
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** Neither the journal nor the peers are told of an end: the next recorder finds the calls running and goes on with them. */
function leave({ recorder, log }: Assembly): number {
  log.info({ calls: recorder.load }, 'leaving; the next recorder goes on with the running calls');
  return 0;
}

/** Takes no new calls, gives running ones their time, then hangs up. */
async function drain({ recorder, config, clock, log }: Assembly): Promise<number> {
  recorder.drain();
  const deadline = clock.mono() + config.limits.drainSeconds * 1000;
  while (recorder.running.length > 0 && clock.mono() < deadline) {
    await new Promise<void>((resolve) => clock.after(DRAIN_LOOK_MS, resolve));
  }
  const rest = recorder.running;
  if (rest.length > 0) log.warn({ calls: rest.length }, 'stopping: running calls are closed');
  await Promise.all(rest.map((call) => recorder.hangUp(call, 'shutdown')));
  return 0;
}
