import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { duration, plain, table } from '../output.ts';

interface LiveCalls {
  readonly recorder: string;
  readonly items: readonly {
    readonly callId: string;
    readonly startedAt: string;
    readonly verdict: string;
    readonly parties: readonly { name: string | null; number: string | null }[];
    readonly streams: readonly { packets: number; codec: string }[];
  }[];
}

export function callsCommand(program: Command, context: CommandContext): void {
  program
    .command('calls')
    .description('calls that run now')
    .command('live')
    .description('who speaks, since when, and what arrives')
    .option('--json', 'for programs')
    .action(async (options: { json?: boolean }) => {
      const live = await context.connect().json<LiveCalls>('GET', '/calls/live');
      context.output(options).result(live, () => describe(live));
    });
}

function describe(live: LiveCalls): string {
  const note = live.recorder === 'ready' ? '' : `The recorder is ${live.recorder}.\n`;
  if (live.items.length === 0) return `${note}No calls.`;
  const rows = live.items.map((call) => [
    duration(Date.now() - Date.parse(call.startedAt)),
    call.verdict,
    plain(call.parties.map((party) => party.name ?? party.number ?? 'unknown').join(' – ')),
    call.streams.map((stream) => `${stream.codec} ${stream.packets}`).join(', '),
    call.callId,
  ]);
  return note + table(['For', 'Verdict', 'Parties', 'Packets', 'Call'], rows);
}
