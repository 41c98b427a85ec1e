import { expectWhole, SILENCE } from '../e2e/channel.ts';
import { noise } from '../e2e/noise.ts';
import { metadataOf, RecordedSession } from '../e2e/recorded-session.ts';
import type { RecordingClient } from '../e2e/recording-client.ts';
import type { Shelf } from '../e2e/shelf.ts';
import { readWavFile } from '../e2e/wav-file.ts';

/** A call that speaks while something else happens to the server, and shows afterwards that nothing happened to it. */
export class WitnessCall {
  readonly number: string;
  readonly session: RecordedSession;
  readonly #payloads: readonly [Buffer, Buffer];
  readonly spoken: Promise<void>;

  private constructor(number: string, session: RecordedSession, payloads: readonly [Buffer, Buffer]) {
    this.number = number;
    this.session = session;
    this.#payloads = payloads;
    this.spoken = session.speak(...payloads);
  }

  /** Speaks from now on for so many seconds. */
  static async open(client: RecordingClient, number: string, seconds: number): Promise<WitnessCall> {
    const party = (name: string, aor: string) => ({ name, aor: `sip:${aor}@example.com` });
    const metadata = metadataOf(number, party('Alice', number), party('Bob', `9${number}`));
    const session = await RecordedSession.open(client, { from: number, metadata });
    const seed = Number(number.slice(-4));
    return new WitnessCall(number, session, [noise(seed, seconds * 50), noise(seed + 5000, seconds * 50)]);
  }

  /** Ends the call when all is said. */
  async end(): Promise<void> {
    await this.spoken;
    await this.session.end();
  }

  /** Ends the call; every sample must be in the recording. */
  async expectUnharmed(shelf: Shelf): Promise<void> {
    await this.end();
    const detail = await shelf.find(this.number, 60_000);
    const { channels } = readWavFile(await shelf.export(detail.id));
    this.#payloads.forEach((payload, side) => expectWhole(channels[side]!, payload, { silence: SILENCE.mulaw }));
  }
}
