import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { EarshotError } from '../../base/errors.ts';
import type { Connection } from '../connection.ts';
import type { CommandContext } from '../context.ts';
import { newFile } from '../new-file.ts';
import { duration, localTime, plain, table } from '../output.ts';

interface Party {
  readonly name: string | null;
  readonly number: string | null;
  readonly role: string;
}

export interface RecordingSummary {
  readonly id: string;
  readonly recordId: number;
  readonly callId: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly direction: string;
  readonly codec: string;
  readonly parties: readonly Party[];
  readonly warnings: readonly string[];
}

interface Page {
  readonly items: readonly RecordingSummary[];
  readonly next: string | null;
}

interface ListOptions {
  readonly json?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly direction?: string;
  readonly number?: string;
  readonly party?: string;
  readonly search?: string;
  readonly limit: string;
}

export function recordingsCommand(program: Command, context: CommandContext): void {
  const recordings = program.command('recordings').description('list, show and export recordings');
  recordings
    .command('list')
    .description('newest first')
    .option('--from <time>', 'started at or after (ISO 8601)')
    .option('--to <time>', 'started before (ISO 8601)')
    .option('--direction <direction>', 'IN, OUT, INTERNAL, DIALIN or UNKNOWN')
    .option('--number <number>', 'part of a number')
    .option('--party <text>', 'part of a name or number')
    .option('--search <text>', 'text in names, numbers and call ids')
    .option('--limit <n>', 'how many at most', '50')
    .option('--json', 'for programs')
    .action((options: ListOptions) => list(context, options));
  recordings
    .command('show <id>')
    .description('one recording with everything known of it')
    .option('--json', 'for programs')
    .action((id: string, options: { json?: boolean }) => show(context, id, options));
  recordings
    .command('export <id> [file]')
    .description('write the audio to a file, unsealed')
    .option('--format <format>', 'original, wav, mp3, opus or ul', 'original')
    .action((id: string, file: string | undefined, options: { format: string }) =>
      exportAudio(context, id, file, options.format),
    );
}

async function list(context: CommandContext, options: ListOptions): Promise<void> {
  const output = context.output(options);
  const items = await listRecordings(context.connect(), options, wholeNumber(options.limit, '--limit'));
  output.result(items, () =>
    items.length === 0
      ? 'No recordings.'
      : table(['RecordID', 'Started', 'Length', 'Direction', 'Parties', 'Id'], items.map(row)),
  );
}

async function listRecordings(
  connection: Connection,
  options: ListOptions,
  limit: number,
): Promise<RecordingSummary[]> {
  const query = new URLSearchParams();
  for (const key of ['from', 'to', 'direction', 'number', 'party'] as const) {
    const value = options[key];
    if (value !== undefined) query.set(key, value);
  }
  if (options.search !== undefined) query.set('q', options.search);
  const items: RecordingSummary[] = [];
  while (items.length < limit) {
    query.set('limit', String(Math.min(100, limit - items.length)));
    const page = await connection.json<Page>('GET', `/recordings?${query.toString()}`);
    items.push(...page.items);
    if (page.next === null) break;
    query.set('cursor', page.next);
  }
  return items;
}

function row(item: RecordingSummary): string[] {
  return [
    String(item.recordId),
    localTime(item.startedAt),
    duration(item.durationMs),
    item.direction,
    partiesOf(item.parties),
    item.id,
  ];
}

function partiesOf(parties: readonly Party[]): string {
  return plain(parties.map((party) => party.name ?? party.number ?? 'unknown').join(' – '));
}

interface Detail extends RecordingSummary {
  readonly tracks: readonly { channel: number; label: string; codec: string; packets: number; lost: number }[];
  readonly events: readonly { offsetMs: number; text: string }[];
  readonly decision: { layers: readonly { layer: string; says: string; why: string }[] } | null;
}

async function show(context: CommandContext, id: string, options: { json?: boolean }): Promise<void> {
  const detail = await context.connect().json<Detail>('GET', `/recordings/${encodeURIComponent(id)}`);
  context.output(options).result(detail, () => describe(detail));
}

function describe(detail: Detail): string {
  const lines = [
    `Recording ${detail.recordId} (${detail.id})`,
    `  started    ${localTime(detail.startedAt)}`,
    `  length     ${duration(detail.durationMs)}`,
    `  direction  ${detail.direction}`,
    `  codec      ${detail.codec}`,
    ...detail.parties.map(
      (party) => `  ${party.role.padEnd(9)}  ${plain([party.name, party.number].filter(Boolean).join(' '))}`,
    ),
    ...detail.tracks.map(
      (track) => `  channel ${track.channel}  ${track.codec}, ${track.packets} packets, ${track.lost} lost`,
    ),
    ...(detail.decision?.layers ?? []).map((layer) => `  because    ${layer.layer}: ${plain(layer.why)}`),
    ...detail.events.map((event) => `  ${duration(Math.max(0, event.offsetMs)).padStart(9)}  ${plain(event.text)}`),
    ...detail.warnings.map((warning) => `  warning    ${plain(warning)}`),
  ];
  return lines.join('\n');
}

async function exportAudio(
  context: CommandContext,
  id: string,
  file: string | undefined,
  format: string,
): Promise<void> {
  const query = new URLSearchParams({ format, download: '1' });
  const response = await context
    .connect()
    .request('GET', `/recordings/${encodeURIComponent(id)}/audio?${query.toString()}`);
  if (response.body === null) throw new EarshotError('INTERNAL', 'the server sent no audio.');
  const target = resolve(context.cwd, file ?? suggestedName(response, id, format));
  const source = Readable.fromWeb(response.body);
  // The person asked for the audio in the open.
  await pipeline(source, (await newFile(target)).createWriteStream());
  process.stdout.write(`${target}\n`);
}

function suggestedName(response: Response, id: string, format: string): string {
  const name = /filename="([\w. -]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
  return name ?? `${id}.${format === 'original' ? 'wav' : format}`;
}

export function wholeNumber(text: string, option: string, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`;
  throw new EarshotError('BAD_REQUEST', `is "${text}", but must be a whole number from 1${range}.`, { key: option });
}
