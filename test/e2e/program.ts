import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs ffmpeg on bytes: an encoder and decoder that is not ours. Rejects with what it says when it fails. */
export function ffmpeg(input: Uint8Array, ...args: string[]): Promise<Buffer> {
  return run('ffmpeg', ['-v', 'error', '-nostdin', ...args], input);
}

/** 16-bit samples, little endian, channels interleaved, of any file that ffmpeg can read; `form` describes raw input. */
export function decode(input: Uint8Array, ...form: string[]): Promise<Buffer> {
  return ffmpeg(input, ...form, '-i', 'pipe:0', '-f', 's16le', 'pipe:1');
}

/** As {@link decode}, from a file: what an MP3 says of its end is only believed where ffmpeg can jump to it. */
export async function decodeFile(bytes: Uint8Array): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-decode-'));
  try {
    writeFileSync(join(folder, 'audio'), bytes);
    return await ffmpeg(Buffer.alloc(0), '-i', join(folder, 'audio'), '-f', 's16le', 'pipe:1');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** 16-bit samples of raw G.711. */
export function decodeLaw(law: 'mulaw' | 'alaw', payload: Uint8Array): Promise<Buffer> {
  return decode(payload, '-f', law, '-ar', '8000', '-ac', '1');
}

/** A program with bytes to read; resolves with what it writes. */
export function run(program: string, args: readonly string[], input?: Uint8Array, cwd?: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, cwd === undefined ? {} : { cwd });
    const out: Buffer[] = [];
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.stdin.on('error', () => undefined);
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(Buffer.concat(out)) : reject(new Error(`${program}: exit ${code}\n${errors}`)),
    );
    child.stdin.end(input ?? '');
  });
}
