import type { Command } from 'commander';
import { EarshotError } from '../../base/errors.ts';
import type { CommandContext } from '../context.ts';
import { localTime, plain } from '../output.ts';

interface Options {
  readonly call?: string;
  readonly account: string;
  readonly from?: string;
  readonly to?: string;
  readonly fromUser?: string;
  readonly toUser?: string;
  readonly device?: string;
  readonly agent?: string;
  readonly trunk?: string;
  readonly dialled?: string;
  readonly presented?: string;
  readonly queue?: string;
  readonly pilot?: string;
  readonly override?: string;
  readonly direction?: string;
  readonly json?: boolean;
}

interface CallDetail {
  readonly startedAt: string;
  readonly reason: string;
  readonly moments: readonly { at: string; lines: readonly string[] }[];
}

export function explainCommand(program: Command, context: CommandContext): void {
  program
    .command('explain')
    .description('why a call was recorded or not, or would be: the word of every layer')
    .option('--call <id>', 'a call of the past')
    .option('--account <id>', 'account of the made-up call', 'main')
    .option('--from <number>', 'who calls, as the PBX would signal it')
    .option('--to <number>', 'who is called')
    .option('--from-user <id>', 'a user of the directory calls')
    .option('--to-user <id>', 'a user of the directory is called')
    .option('--device <name>', 'name or MAC address of the device that is called')
    .option('--agent <id>', 'agent who is called')
    .option('--trunk <name>', 'trunk that the call comes over')
    .option('--dialled <number>', 'number that was dialled first')
    .option('--presented <number>', 'caller id of an outgoing call')
    .option('--queue <name>', 'queue that the call came through')
    .option('--pilot <number>', 'number of the recorder that was called')
    .option('--override <value>', 'auto, force, deny or manual')
    .option('--direction <direction>', 'IN, OUT, INTERNAL or DIALIN, where the PBX tells it')
    .option('--json', 'for programs')
    .action((options: Options) =>
      options.call === undefined ? madeUp(context, options) : past(context, options.call, options),
    );
}

async function past(context: CommandContext, id: string, options: Options): Promise<void> {
  const call = await context.connect().json<CallDetail>('GET', `/calls/${encodeURIComponent(id)}`);
  context
    .output(options)
    .result(call, () =>
      call.moments
        .map(({ at, lines }) => localTime(at) + lines.map((line) => `\n  ${plain(line)}`).join(''))
        .join('\n'),
    );
}

async function madeUp(context: CommandContext, options: Options): Promise<void> {
  const call = {
    from: partyOf({ number: options.from, userId: options.fromUser }),
    to: partyOf({ number: options.to, userId: options.toUser, device: options.device, agent: options.agent }),
    ...partyOf({
      trunk: options.trunk,
      dialled: options.dialled,
      presented: options.presented,
      queue: options.queue,
      pilot: options.pilot,
      override: options.override,
      direction: options.direction,
    }),
  };
  if (Object.keys(call.from).length === 0 && Object.keys(call.to).length === 0) {
    throw new EarshotError('BAD_REQUEST', 'nobody calls.', {
      key: '--from',
      remedy: 'Say who calls whom, e.g. --from +15550100 --to 1001; or name a call of the past with --call.',
    });
  }
  const path = `/accounts/${encodeURIComponent(options.account)}/explain`;
  const answer = await context.connect().json<{ lines: readonly string[] }>('POST', path, call);
  context.output(options).result(answer, () => answer.lines.map(plain).join('\n'));
}

/** What is told. */
function partyOf(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
