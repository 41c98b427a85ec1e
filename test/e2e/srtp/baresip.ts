import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ffmpeg } from '../program.ts';

export interface BaresipCall {
  /** The recorder's SIP port. */
  readonly port: number;
  /** First of ten ports for baresip itself. */
  readonly ownPort: number;
  /** User part of the caller. */
  readonly from: string;
  /** µ-law that it shall send. */
  readonly payload: Buffer;
  readonly seconds: number;
}

/** One call by baresip under SRTP by SDES, which it demands; resolves with what it printed, its SIP trace among it. */
export async function baresipCall({ port, ownPort, from, payload, seconds }: BaresipCall): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-baresip-'));
  try {
    const wav = await ffmpeg(payload, '-f', 'mulaw', '-ar', '8000', '-ac', '1', '-i', 'pipe:0', '-f', 'wav', 'pipe:1');
    // A pipe leaves the lengths open, which baresip takes as they are.
    wav.writeUInt32LE(wav.length - 8, 4);
    wav.writeUInt32LE(2 * payload.length, wav.indexOf('data') + 4);
    writeFileSync(join(folder, 'in.wav'), wav);
    writeFileSync(join(folder, 'config'), configOf(folder, ownPort));
    writeFileSync(
      join(folder, 'accounts'),
      `<sip:${from}@127.0.0.1:${ownPort};transport=udp>;regint=0;mediaenc=srtp-mand;audio_codecs=pcmu\n`,
    );
    writeFileSync(join(folder, 'contacts'), '');
    return await baresip([
      '-4',
      '-s',
      '-f',
      folder,
      '-e',
      `/dial sip:recorder@127.0.0.1:${port}`,
      '-t',
      String(seconds),
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function configOf(folder: string, ownPort: number): string {
  return [
    `sip_listen 127.0.0.1:${ownPort}`,
    'module_path /usr/lib/baresip/modules',
    ...['g711', 'aufile', 'srtp'].map((name) => `module ${name}.so`),
    'module_tmp account.so',
    'module_app menu.so',
    `audio_source aufile,${join(folder, 'in.wav')}`,
    `rtp_ports ${ownPort + 2}-${ownPort + 9}`,
    '',
  ].join('\n');
}

function baresip(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('baresip', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString('latin1')));
    child.on('error', reject);
    child.on('close', () => resolve(output));
  });
}
