import type { Command } from 'commander';
import type { Config } from '../../base/config.ts';
import { EarshotError } from '../../base/errors.ts';
import { DEFAULT_TRUNK } from '../../base/trunks.ts';
import type { CommandContext } from '../context.ts';
import { databaseFinding } from '../doctor/database.ts';
import { ok, problem, warning, type Finding } from '../doctor/finding.ts';
import { keyFindings } from '../doctor/keys.ts';
import { bufferFinding, clockFinding, diskFinding } from '../doctor/machine.ts';
import { portFindings, rangeFinding } from '../doctor/ports.ts';
import { canReceiveBatches, receiverFinding } from '../doctor/receiver.ts';

interface Status {
  readonly recorder: {
    readonly state: string;
    readonly calls: number;
    readonly figures: Readonly<Record<string, number>>;
  };
  readonly archive: { readonly waiting: number };
  readonly database: { readonly ok: boolean; readonly latencyMs: number | null };
  readonly alarms: readonly { readonly code: string; readonly text: string }[];
}

export function doctorCommand(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .description('look at ports, disk, clock, certificates and database, and say what to do')
    .option('--json', 'for programs')
    .action(async (options: { json?: boolean }) => {
      const findings = await examine(context);
      context.output(options).result(findings, () => findings.map(describe).join('\n'));
      if (findings.some((finding) => finding.state === 'problem')) process.exitCode = 1;
    });
}

async function examine(context: CommandContext): Promise<Finding[]> {
  const config = context.config();
  const server = await serverFindings(context, config);
  return [
    ok('settings', `Data in ${config.dataDir}.`),
    ...(server ?? [
      ok('server', 'Not running on this data folder.'),
      ...(await portFindings(config)),
      await databaseFinding(config),
      receiverFinding(config, canReceiveBatches(config)),
    ]),
    rangeFinding(config),
    await diskFinding(config),
    await clockFinding(),
    await bufferFinding(),
    ...(await keyFindings(config, Date.now())),
    trunkFinding(config),
  ];
}

/** What the running server says of itself; undefined when none runs. */
async function serverFindings(context: CommandContext, config: Config): Promise<Finding[] | undefined> {
  try {
    const connection = context.connect();
    const status = await connection.json<Status>('GET', '/status');
    const { recorder, archive, database, alarms } = status;
    const text = `Running at ${connection.url}; recorder ${recorder.state}, ${recorder.calls} calls now, ${archive.waiting} to be archived.`;
    return [
      recorder.state === 'ready' ? ok('server', text) : warning('server', text, 'Look at its log.'),
      database.ok
        ? ok('database', `Answers in ${database.latencyMs?.toFixed(1) ?? '?'} ms.`)
        : problem(
            'database',
            'Does not answer; calls are recorded meanwhile.',
            'Look at its log; it is restarted by itself.',
          ),
      receiverFinding(config, recorder.figures['rtp_batch_receiver'] === 1),
      ...alarms.map((alarm) => warning(alarm.code, alarm.text, 'See docs/operations.md.')),
    ];
  } catch (error) {
    if (error instanceof EarshotError && error.code === 'SERVER_UNREACHABLE') return undefined;
    throw error;
  }
}

function trunkFinding(config: Config): Finding {
  if (!config.trunks.includes(DEFAULT_TRUNK))
    return ok('trunks', `${config.trunks.length} set: ${config.trunks.map((trunk) => trunk.name).join(', ')}.`);
  return warning(
    'trunks',
    'None set: calls are taken from any private address.',
    'Name your SBCs under `trunks` in earshot.yaml (docs/settings.md).',
  );
}

const MARKS = { ok: 'ok      ', warning: 'warning ', problem: 'PROBLEM ' } as const;

function describe(finding: Finding): string {
  const remedy = finding.remedy === undefined ? '' : `\n${' '.repeat(28)}→ ${finding.remedy}`;
  return `${MARKS[finding.state]} ${finding.check.padEnd(18)} ${finding.text}${remedy}`;
}
