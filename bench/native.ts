import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

const SOURCES = new URL('native/', import.meta.url).pathname;
export const PACKETS_PER_SECOND = 50;

export interface Programs {
  readonly load: string;
  readonly floor: string;
  readonly callers: string;
}

/** Compiles the C programs of `bench/native` into `folder`. */
export function compilePrograms(folder: string): Programs {
  return {
    load: compileProgram(folder, 'rtp-load'),
    floor: compileProgram(folder, 'rtp-floor'),
    callers: compileProgram(folder, 'sip-load'),
  };
}

export function compileProgram(folder: string, name: string): string {
  const program = join(folder, name);
  execFileSync('cc', ['-O2', '-o', program, join(SOURCES, `${name}.c`)]);
  return program;
}

export interface LoadResult {
  readonly sent: number;
  readonly errors: number;
  readonly cpuSeconds: number;
  readonly worstLatenessMs: number;
}

/** Programs of ours that run; to be ended when the benchmark is cut short. */
const running = new Set<ChildProcess>();

export function endPrograms(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Its standard input and output are pipes. */
export function startProgram(program: string, args: readonly string[]): ChildProcess {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** The load generator while it runs: streams are added as calls are answered. */
export class LoadGenerator {
  readonly #child: ChildProcess;
  readonly #ends = new Map<number, () => void>();
  readonly #result = Promise.withResolvers<LoadResult>();

  constructor(program: string) {
    this.#child = startProgram(program, []);
    this.#child.once('exit', (code) => this.#result.reject(new Error(`the load generator ended with ${code}`)));
    this.#result.promise.catch(() => undefined);
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#hear(line));
  }

  /** Starts a stream of G.711 to this port of loopback; resolves when its last packet has left. */
  send(port: number, packets: number): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#ends.set(port, resolve));
    this.#child.stdin!.write(`${port} ${packets}\n`);
    return ended;
  }

  /** No more streams; resolves when all have ended. */
  finish(): Promise<LoadResult> {
    this.#child.stdin!.end();
    return this.#result.promise;
  }

  #hear(line: string): void {
    if (line.startsWith('{')) return this.#result.resolve(JSON.parse(line) as LoadResult);
    const port = Number(line.split(' ')[1]);
    this.#ends.get(port)?.();
    this.#ends.delete(port);
  }
}

export interface FloorResult {
  readonly usPerPacket: number;
  readonly received: number;
  readonly lost: number;
}

/** The bare C receiver under the same load: `streams` ports, every other one from `firstPort` on, for some seconds. */
export async function runFloor(
  programs: Programs,
  folder: string,
  load: { readonly firstPort: number; readonly streams: number; readonly seconds: number },
): Promise<FloorResult> {
  const { firstPort, streams, seconds } = load;
  const file = join(folder, 'floor.raw');
  const receiver = startProgram(programs.floor, [String(firstPort), String(streams), file]);
  try {
    const [ready] = (await Promise.race([once(receiver.stdout!, 'data'), once(receiver, 'exit')])) as unknown[];
    if (!(ready instanceof Buffer)) throw new Error('the bare receiver could not take its ports');
    const generator = new LoadGenerator(programs.load);
    for (let stream = 0; stream < streams; stream++) {
      void generator.send(firstPort + 2 * stream, seconds * PACKETS_PER_SECOND);
    }
    const { sent } = await generator.finish();
    receiver.stdin!.end();
    const result = JSON.parse(await text(receiver.stdout!)) as { received: number; cpuSeconds: number };
    return {
      usPerPacket: (result.cpuSeconds * 1e6) / result.received,
      received: result.received,
      lost: sent - result.received,
    };
  } finally {
    receiver.kill('SIGKILL');
    await rm(file, { force: true });
  }
}
