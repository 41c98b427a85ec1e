import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SrtpKeys } from '../../../src/rtp/srtp/keys.ts';
import { run } from '../program.ts';

/** libsrtp behind a small program, compiled for the test. */
export class LibSrtp {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async compile(): Promise<LibSrtp> {
    const folder = mkdtempSync(join(tmpdir(), 'earshot-libsrtp-'));
    const source = fileURLToPath(new URL('libsrtp-peer.c', import.meta.url));
    await run('cc', ['-O1', '-o', join(folder, 'peer'), source, '-lsrtp2']);
    return new LibSrtp(folder);
  }

  /** What it makes of each packet; empty: not authentic. */
  async convert(
    what: 'protect' | 'open',
    packets: 'rtp' | 'rtcp',
    { suite, masters }: SrtpKeys,
    bytes: readonly Buffer[],
  ): Promise<Buffer[]> {
    const { keyAndSalt, mki } = masters[0]!;
    const names = [what, packets, suite.name, keyAndSalt.toString('hex')];
    if (mki.length > 0) names.push(mki.toString('hex'));
    const input = Buffer.concat(bytes.flatMap((packet) => [lengthOf(packet), packet]));
    return framesOf(await run(join(this.#folder, 'peer'), names, input));
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

function lengthOf(packet: Buffer): Buffer {
  return Buffer.of(packet.length >> 8, packet.length & 255);
}

function framesOf(output: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < output.length;) {
    const end = at + 2 + output.readUInt16BE(at);
    frames.push(output.subarray(at + 2, end));
    at = end;
  }
  return frames;
}
