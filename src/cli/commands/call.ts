import { lookup } from 'node:dns/promises';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { encodeG711 } from '../../audio/g711.ts';
import { loadWav, speechSource } from '../../audio/speech.ts';
import { systemClock } from '../../base/clock.ts';
import { EarshotError, messageOf } from '../../base/errors.ts';
import { systemRandom } from '../../base/ids.ts';
import { silentLog } from '../../base/log.ts';
import { UserAgent } from '../../sip/agent/agent.ts';
import { nearestLocalAddress } from '../../sip/transport/address.ts';
import { openTcp } from '../../sip/transport/tcp.ts';
import { openTls } from '../../sip/transport/tls.ts';
import type { Protocol, Transport } from '../../sip/transport/types.ts';
import { openUdp } from '../../sip/transport/udp.ts';
import type { SrtpKeys } from '../../rtp/srtp/keys.ts';
import { masterBytes, srtpSuite } from '../../rtp/srtp/suites.ts';
import { placeCall, type TestCallReport, type TestLeg } from '../caller/place-call.ts';
import type { CommandContext } from '../context.ts';
import { wholeNumber } from './recordings.ts';

const RATE = 8000;
const DEFAULT_SUITE = 'AES_CM_128_HMAC_SHA1_80';

interface CallOptions {
  readonly seconds: string;
  readonly calls: string;
  readonly rate: string;
  readonly transport: string;
  readonly host: string;
  readonly port?: string;
  readonly left?: string;
  readonly right?: string;
  readonly codec: string;
  readonly srtp?: string | true;
  readonly json?: boolean;
}

export function callCommand(program: Command, context: CommandContext): void {
  program
    .command('call')
    .description(
      'place SIPREC test calls as a session border controller does: two streams of generated speech-like sound, or of your files',
    )
    .option('--seconds <n>', 'length of each call', '10')
    .option('--calls <n>', 'how many calls', '1')
    .option('--rate <n>', 'calls begun a second', '10')
    .option('--transport <name>', 'udp, tcp or tls', 'udp')
    .option('--host <address>', "the recorder's address", '127.0.0.1')
    .option('--port <n>', "the recorder's SIP port; default: from the settings")
    .option('--left <file>', 'WAV file for the caller')
    .option('--right <file>', 'WAV file for the callee')
    .option('--codec <names>', 'pcmu or pcma, or one for each side: pcmu,pcma', 'pcmu')
    .option('--srtp [suite]', `protect the media (SDES): ${DEFAULT_SUITE}, or another crypto suite`)
    .option('--json', 'for programs')
    .action((options: CallOptions) => call(context, options));
}

async function call(context: CommandContext, options: CallOptions): Promise<void> {
  const protocol = protocolOf(options.transport);
  const seconds = wholeNumber(options.seconds, '--seconds');
  const destination = { address: await addressOf(options.host), port: portOf(context, options, protocol) };
  const clock = systemClock({ hold: true });
  const agent = new UserAgent({ clock, product: 'Earshot test caller' });
  const localAddress = nearestLocalAddress(destination.address);
  agent.listen(await openTransport(protocol, localAddress));
  const count = wholeNumber(options.calls, '--calls');
  const gap = 1000 / wholeNumber(options.rate, '--rate');
  const output = context.output(options);
  output.say(
    `Placing ${count} call${count === 1 ? '' : 's'} of ${seconds} s over ${protocol} to ${options.host}:${destination.port} …`,
  );
  const running: Promise<Outcome>[] = [];
  for (let index = 0; index < count; index += 1) {
    const legs = await legsOf(context, options, index);
    running.push(settled(placeCall({ agent, protocol, destination, localAddress, legs, clock, random: systemRandom })));
    if (index + 1 < count) await new Promise<void>((next) => clock.after(gap, next));
  }
  const outcomes = await Promise.all(running);
  await agent.close();
  output.result(outcomes, () => outcomes.map(describe).join('\n'));
  if (outcomes.some((outcome) => 'error' in outcome)) process.exitCode = 1;
}

type Outcome = TestCallReport | { readonly error: string };

async function settled(placed: Promise<TestCallReport>): Promise<Outcome> {
  try {
    return await placed;
  } catch (error) {
    return { error: error instanceof EarshotError ? error.line : messageOf(error) };
  }
}

function describe(outcome: Outcome): string {
  if ('error' in outcome) return outcome.error;
  return `Call ${outcome.sipCallId}: answered in ${outcome.setupMs.toFixed(0)} ms, ${outcome.packets.join(' + ')} packets sent.`;
}

function protocolOf(text: string): Protocol {
  if (text === 'udp' || text === 'tcp' || text === 'tls') return text;
  throw new EarshotError('BAD_REQUEST', `is "${text}", but must be udp, tcp or tls.`, { key: '--transport' });
}

function portOf(context: CommandContext, options: CallOptions, protocol: Protocol): number {
  if (options.port !== undefined) return wholeNumber(options.port, '--port', 65_535);
  const { sip } = context.config();
  const port = protocol === 'tls' ? sip.tlsPort : sip.port;
  if (port === null) throw new EarshotError('CONFIG_INVALID', 'TLS is switched off.', { key: 'sip.tlsPort' });
  return port;
}

function openTransport(protocol: Protocol, host: string): Promise<Transport> {
  const log = silentLog;
  if (protocol === 'udp') return openUdp({ host, port: 0, log });
  const clock = systemClock({ hold: true });
  // A fresh installation has a certificate of its own making.
  return protocol === 'tcp' ? openTcp({ host, clock, log }) : openTls({ host, clock, log, insecure: true });
}

/** A name is looked up once, so that signalling and media go to the same address. */
async function addressOf(host: string): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch {
    throw new EarshotError('BAD_REQUEST', `is "${host}", which is neither an address nor a name that is known.`, {
      key: '--host',
    });
  }
}

async function legsOf(context: CommandContext, options: CallOptions, index: number): Promise<[TestLeg, TestLeg]> {
  const [left = 'pcmu', right = left] = options.codec.toLowerCase().split(',');
  const number = String(100 + (index % 900));
  const caller = { name: `Test caller ${number}`, aor: `sip:+1555010${number}@example.com` };
  const callee = { name: `Test agent ${number}`, aor: `sip:2${number}@pbx.example.com` };
  const samples = wholeNumber(options.seconds, '--seconds') * RATE;
  const leg = async (party: TestLeg['party'], codec: string, file: string | undefined, side: 0 | 1) => {
    const law = lawOf(codec);
    const pcm =
      file === undefined
        ? speechSource({ seed: index + 1, side }).next(samples)
        : await readWav(context, file, samples);
    return {
      party,
      payloadType: law === 'mulaw' ? (0 as const) : (8 as const),
      audio: encodeG711(law, pcm),
      ...(options.srtp === undefined ? {} : { srtp: newKeys(options.srtp === true ? DEFAULT_SUITE : options.srtp) }),
    };
  };
  return [await leg(caller, left, options.left, 0), await leg(callee, right, options.right, 1)];
}

function newKeys(name: string): SrtpKeys {
  const suite = srtpSuite(name.toUpperCase());
  if (suite !== undefined)
    return { suite, masters: [{ keyAndSalt: systemRandom(masterBytes(suite)), mki: Buffer.alloc(0) }] };
  throw new EarshotError('BAD_REQUEST', `names the suite "${name}", which is not known.`, { key: '--srtp' });
}

function lawOf(codec: string): 'mulaw' | 'alaw' {
  if (codec === 'pcmu') return 'mulaw';
  if (codec === 'pcma') return 'alaw';
  throw new EarshotError('BAD_REQUEST', `names "${codec}", but takes pcmu and pcma.`, { key: '--codec' });
}

/** The file's first channel, repeated or cut to the length of the call. */
async function readWav(context: CommandContext, path: string, samples: number): Promise<Int16Array> {
  const file = await open(resolve(context.cwd, path)).catch((error: unknown) => {
    throw new EarshotError('NOT_FOUND', `cannot read ${path}: ${messageOf(error)}.`);
  });
  try {
    const { size } = await file.stat();
    const read = async (offset: number, length: number) => {
      const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - offset)));
      await file.read(buffer, 0, buffer.length, offset);
      return buffer;
    };
    const [channel] = await loadWav({ size, read }, RATE);
    if (channel === undefined || channel.length === 0) throw new EarshotError('BAD_REQUEST', `${path} holds no audio.`);
    return Int16Array.from({ length: samples }, (_, index) => channel[index % channel.length]!);
  } finally {
    await file.close();
  }
}
