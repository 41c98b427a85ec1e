import { flushCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../base/clock.ts';
import { EarshotError, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { type SrtpKeys, unpackKeys } from '../../rtp/srtp/keys.ts';
import { spoolRecipient } from '../../seal/spool.ts';
import { StreamKeySeal } from '../../seal/stream-keys.ts';
import { systemFiles, type LogFiles } from '../log/files.ts';
import { SegmentWriter } from '../log/writer.ts';
import { CaptureCore } from './core.ts';
import { unpackNotes } from './packed-notes.ts';
import { chooseSource } from './source/choose.ts';
import type { CaptureRequest, FromWorker, Note, ToWorker, WorkerOptions } from './types.ts';

/** The capture thread: a {@link CaptureCore} behind messages. */
const port = parentPort!;
// A thread that was started ahead of its time hears later what it is for.
const options = ((workerData as WorkerOptions | null) ?? (await told())) as WorkerOptions;
const STATUS_MS = 1000;

function told(): Promise<unknown> {
  port.postMessage('loaded');
  return new Promise((resolve) => port.once('message', resolve));
}

function post(message: FromWorker): void {
  port.postMessage(message);
}

/** The log of the main thread, so that lines do not mix. */
function remoteLog(bound: object): Log {
  const say = (level: 'info' | 'warn' | 'error') => (fields: object, message: string) =>
    post({ type: 'log', level, fields: { ...bound, ...fields }, message });
  return {
    debug: () => undefined,
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    child: (fields) => remoteLog({ ...bound, ...fields }),
  };
}

const clock = systemClock({ hold: true });
const log = remoteLog({ worker: options.worker });
const { filesModule } = options;
const files = filesModule === undefined ? systemFiles : ((await import(filesModule)) as { files: LogFiles }).files;
const writer = new SegmentWriter({
  folder: options.folder,
  files,
  recipient: spoolRecipient(options.recipient),
  node: options.node,
  worker: options.worker,
  clock,
  log,
  onAlarm: (alarm) => post({ type: 'alarm', alarm }),
});
const seal = options.recorderKey === undefined ? null : new StreamKeySeal(options.recorderKey);

/** A stream whose keys cannot be opened is not heard; that must be said, but costs the call nothing else. */
function openKeys(sealed: string): SrtpKeys | null {
  try {
    const keys = seal === null ? null : unpackKeys(seal.open(sealed));
    if (keys === null) log.error({}, 'the keys of an SRTP stream are not to be had; it is not heard');
    return keys;
  } catch (error) {
    log.error({ error: messageOf(error) }, 'the keys of an SRTP stream cannot be opened; it is not heard');
    return null;
  }
}

let nextStatus = clock.mono() + STATUS_MS;

function postStatus(): void {
  const now = clock.mono();
  if (now < nextStatus) return;
  nextStatus = now + STATUS_MS;
  for (const of of core.takeDropped()) post({ type: 'dropped', of });
  post({ type: 'status', status: core.status });
}

const { source, receiver, reason } = chooseSource(options.receiver, {
  clock,
  host: options.rtpHost,
  receiveBufferBytes: options.receiveBufferBytes,
  onError: (udpPort, error) => log.warn({ port: udpPort, error: messageOf(error) }, 'an RTP socket reported an error'),
});
if (reason !== null)
  log.warn(
    { reason },
    'the batch receiver is not used; media is received with Node’s own sockets, which carry fewer calls',
  );

const core = new CaptureCore({
  worker: options.worker,
  writer,
  clock,
  source,
  receiver,
  onSourceChanged: (change) => post({ type: 'source', change }),
  openKeys,
  onTick: postStatus,
});

const answers: { [Op in CaptureRequest['op']]: (request: Extract<CaptureRequest, { op: Op }>) => unknown } = {
  open: ({ call, streams }) => core.open(call, streams),
  update: ({ callId, streams }) => core.update(callId, streams),
  keep: ({ callId, terms }) => core.keep(callId, terms),
  close: ({ callId }) => core.close(callId),
  discard: ({ callId }) => core.discard(callId),
  status: () => core.status,
  shutdown: () => core.shutdown(),
};

async function reply({ id, request }: NonNullable<ToWorker['asked']>): Promise<void> {
  // The table's type pairs each operation with its own request; TypeScript cannot follow that through an index.
  const answer = answers[request.op] as (request: CaptureRequest) => unknown;
  try {
    post({ type: 'answer', id, value: await answer(request) });
  } catch (error) {
    const { code, key } = error instanceof EarshotError ? error : { code: 'INTERNAL', key: undefined };
    post({ type: 'refused', id, code, message: messageOf(error), ...(key === undefined ? {} : { key }) });
  }
  if (request.op === 'shutdown') port.close();
}

/** What goes wrong with a note costs no call. */
function keep({ callId, kind, bytes }: Note): void {
  try {
    core.note(callId, kind, bytes);
  } catch (error) {
    log.warn({ callId, kind, error: messageOf(error) }, 'a part of the signalling was not kept');
  }
}

port.on('message', ({ notes, asked }: ToWorker) => {
  if (notes !== null) for (const note of unpackNotes(notes)) keep(note);
  if (asked !== null) void reply(asked);
});

// What was compiled for it is there for the next one, however this one ends.
flushCompileCache();

post({ type: 'ready' });
