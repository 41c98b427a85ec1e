import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { duration, plain, table } from '../output.ts';

interface LiveCalls {
  readonly recorder: string;
  readonly items: readonly LiveCall[];
}

interface LiveCall {
  readonly callId: string;
  readonly startedAt: string;
  readonly verdict: string;
  readonly parties: readonly { name: string | null; number: string | null }[];
  readonly recordings: readonly { recording: number; by: string; askerName: string }[];
  readonly paused: { reason: string } | null;
  readonly liveKeep: { minutes: number; kept: boolean | null } | null;
  readonly streams: readonly { packets: number; codec: string }[];
}

export function callsCommand(program: Command, context: CommandContext): void {
  const calls = program.command('calls').description('calls that run now, and what to do with them');
  liveCommand(calls, context);
  controlCommand(calls, context);
}

function liveCommand(calls: Command, context: CommandContext): void {
  calls
    .command('live')
    .description('who speaks, since when, what is recorded, and what arrives')
    .option('--json', 'for programs')
    .action(async (options: { json?: boolean }) => {
      const live = await context.connect().json<LiveCalls>('GET', '/calls/live');
      context.output(options).result(live, () => describe(live));
    });
}

function controlCommand(calls: Command, context: CommandContext): void {
  calls
    .command('control <call> <action>')
    .description('start, stop, pause, resume, keep or drop')
    .addHelpText(
      'after',
      '\n<call> is its id, sip:<Call-ID>, or vendor:<name>=<value> for any id that the PBX gave it.',
    )
    .option('--reason <text>', 'of a pause; shown with the gap')
    .option('--json', 'for programs')
    .action(async (call: string, action: string, options: { reason?: string; json?: boolean }) => {
      const body = { action, ...(options.reason === undefined ? {} : { reason: options.reason }) };
      const path = `/calls/${encodeURIComponent(call)}/control`;
      const answer = await context.connect().json<{ text: string }>('POST', path, body);
      context.output(options).result(answer, () => plain(answer.text));
    });
}

function describe(live: LiveCalls): string {
  const note = live.recorder === 'ready' ? '' : `The recorder is ${live.recorder}.\n`;
  if (live.items.length === 0) return `${note}No calls.`;
  const rows = live.items.map((call) => [
    duration(Date.now() - Date.parse(call.startedAt)),
    call.verdict,
    plain(recordingWords(call)),
    plain(call.parties.map((party) => party.name ?? party.number ?? 'unknown').join(' – ')),
    call.streams.map((stream) => `${stream.codec} ${stream.packets}`).join(', '),
    call.callId,
  ]);
  return note + table(['For', 'Verdict', 'Recording', 'Parties', 'Packets', 'Call'], rows);
}

/** `1 by policy, 2 by Alice; paused (card number)`. */
function recordingWords({ recordings, paused, liveKeep }: LiveCall): string {
  const running = recordings
    .filter(({ by }) => by !== 'live-keep')
    .map(({ recording, by, askerName }) => `${recording} by ${by === 'policy' ? 'policy' : askerName}`);
  const isHeld = liveKeep?.kept === null;
  const words = [
    running.length > 0 ? running.join(', ') : isHeld ? '' : 'no',
    isHeld ? 'held' : '',
    paused === null ? '' : `paused${paused.reason === '' ? '' : ` (${paused.reason})`}`,
  ];
  return words.filter((word) => word !== '').join('; ');
}
