import type { ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { systemRandom } from '../src/base/ids.ts';
import { siprecBody } from '../src/cli/caller/body.ts';
import { callMetadata } from '../src/cli/caller/metadata.ts';
import { offerRecording } from '../src/sdp/answer.ts';
import { staticCodec } from '../src/sdp/payload-types.ts';
import { writeSdp } from '../src/sdp/write.ts';
import { startProgram } from './native.ts';

const HOST = '127.0.0.1';

export interface Answer {
  /** 408: none in 32 s. */
  readonly status: number;
  /** INVITE to final answer, as the program saw it. */
  readonly ms: number;
  /** Where the answer wants the streams; none when it is a refusal. */
  readonly ports: readonly number[];
}

/** What the program says of itself at its end. */
export interface CallersResult {
  /** INVITEs, each counted once. */
  readonly placed: number;
  /** Requests that were sent again because nobody answered. */
  readonly repeated: number;
  /** Datagrams that were no response to any of its requests. */
  readonly ignored: number;
  /** Requests that the kernel did not take. */
  readonly errors: number;
  readonly cpuSeconds: number;
  /** How late an INVITE left at worst. */
  readonly worstLatenessMs: number;
}

/** `bench/native/sip-load.c` while it runs. It places all its calls by itself; what they send, and when they end, is told from here. */
export class Callers {
  readonly #child: ChildProcess;
  readonly #answers: readonly PromiseWithResolvers<Answer>[];
  readonly #ends = new Map<number, PromiseWithResolvers<number>>();
  readonly #result = Promise.withResolvers<CallersResult>();

  /** Starts the calls of a timetable, which has so many. */
  constructor(program: string, sipPort: number, timetable: string, calls: number) {
    this.#answers = Array.from({ length: calls }, () => Promise.withResolvers<Answer>());
    this.#child = startProgram(program, [String(sipPort), timetable]);
    // Not at `exit`: its last lines may still be on their way then.
    this.#child.once('close', (code) => this.#fail(new Error(`the callers ended with ${code}`)));
    for (const { promise } of [...this.#answers, this.#result]) promise.catch(() => undefined);
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#hear(line));
  }

  /** The final answer to the INVITE of call number `index`. */
  answer(index: number): Promise<Answer> {
    return this.#answers[index]!.promise;
  }

  /** Ends a call that was answered; resolves with the status of the answer to its BYE. */
  bye(index: number): Promise<number> {
    const end = Promise.withResolvers<number>();
    this.#ends.set(index, end);
    this.#child.stdin!.write(`bye ${index}\n`);
    return end.promise;
  }

  /** Calls that still run are hung up; resolves when all are over. */
  finish(): Promise<CallersResult> {
    this.#child.stdin!.end();
    return this.#result.promise;
  }

  #hear(line: string): void {
    if (line.startsWith('{')) return this.#result.resolve(JSON.parse(line) as CallersResult);
    const [what, ...numbers] = line.split(' ');
    const [index = 0, status = 0, us = 0, ...ports] = numbers.map(Number);
    if (what === 'answer') return this.#answers[index]?.resolve({ status, ms: us / 1000, ports });
    this.#ends.get(index)?.resolve(status);
    this.#ends.delete(index);
    return undefined;
  }

  #fail(error: Error): void {
    for (const { reject } of [...this.#answers, ...this.#ends.values(), this.#result]) reject(error);
  }
}

/**
 * Writes the timetable of `bench/native/timetable.h`. Done before the calls begin, so that bodies cost nothing while they run; the times in
 * their metadata are therefore those of the writing.
 * @param starts seconds from the beginning to each call's INVITE, rising
 */
export async function writeTimetable(file: string, starts: readonly number[]): Promise<void> {
  const now = new Date();
  const entries = starts.map((start, index) => {
    const id = callId(index);
    const { body, contentType } = bodyOf(id, index, now);
    return `${Math.round(start * 1e6)} ${id} ${Buffer.byteLength(body)} ${contentType}\n${body}`;
  });
  await writeFile(file, entries.join(''));
}

function callId(index: number): string {
  return index.toString(16).padStart(8, '0') + systemRandom(8).toString('hex');
}

/** What a session border controller sends for call number `index`; its caller's number is made of it. */
function bodyOf(id: string, index: number, startedAt: Date): { body: string; contentType: string } {
  const codecs = [staticCodec(0)];
  // Where the offer says that the media comes from; its real port is another, as with many clients.
  const streams = ['1', '2'].map((label, side) => {
    const rtpPort = 50_000 + 4 * (index % 2000) + 2 * side;
    return { label, local: { address: HOST, rtpPort, rtcpPort: rtpPort + 1 }, codecs, ptimeMs: 20 };
  });
  const sdp = writeSdp(offerRecording(streams, { id: '1', version: '1', address: HOST, username: 'src' }));
  const number = String(index).padStart(7, '0');
  const caller = { name: `Caller ${number}`, aor: `sip:+1555${number}@example.com` };
  const callee = { name: `Agent ${index % 400}`, aor: `sip:2${String(index % 400).padStart(3, '0')}@pbx.example.com` };
  return siprecBody(sdp, callMetadata(id, caller, callee, startedAt));
}
