import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../program.ts';
import { captureFile } from './capture-file.ts';

const SCENARIO = readFileSync(new URL('siprec.xml', import.meta.url), 'utf8');

export interface SippCall {
  readonly port: number;
  readonly transport: 'u1' | 't1';
  /** `pcap` needs the right to open raw sockets. */
  readonly media: 'pcap' | 'stream';
  /** Even; sipp's own media port. */
  readonly mediaPort: number;
  readonly number: string;
  /** µ-law, whole packets. */
  readonly payload: Buffer;
}

/** One call of sipp as a recording client, its first stream fed with the payload. */
export async function sippCall(call: SippCall): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-sipp-'));
  try {
    const pcap = call.media === 'pcap';
    writeFileSync(join(folder, 'audio'), pcap ? captureFile(call.payload) : call.payload);
    const scenario = SCENARIO.replaceAll('NUMBER', call.number)
      .replace('MEDIA_PORT', pcap ? '[media_port]' : '[rtpstream_audio_port]')
      .replace('<exec MEDIA/>', pcap ? '<exec play_pcap_audio="audio"/>' : '<exec rtp_stream="audio,1,0"/>')
      .replace('DURATION', String(Math.ceil(call.payload.length / 8) + 300));
    writeFileSync(join(folder, 'siprec.xml'), scenario);
    const target = `127.0.0.1:${call.port}`;
    const limits = ['-m', '1', '-nostdin', '-timeout', '30s', '-timeout_error'];
    await run(
      '/usr/bin/sipp',
      [target, '-sf', 'siprec.xml', '-t', call.transport, '-i', '127.0.0.1', '-mp', String(call.mediaPort), ...limits],
      undefined,
      folder,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
