import { callMetadata } from '../../src/cli/caller/metadata.ts';
import { RecordedSession } from './recorded-session.ts';
import { RecordingClient } from './recording-client.ts';
import type { TestServer } from './server.ts';
import { readWavFile } from './wav-file.ts';

/** A person in a call: a number, or an extension of the account. */
export interface Person {
  readonly number: string;
  readonly name?: string;
}

export interface CallPlan {
  readonly from: Person;
  readonly to: Person;
  readonly headers?: Readonly<Record<string, string>>;
  /** Number of the recorder that the session is sent to. */
  readonly pilot?: string;
}

/** A call as the journal of calls shows it. */
export interface JournalCall {
  readonly id: string;
  readonly verdict: string;
  readonly reason: string;
  readonly recordings: readonly { readonly id: string }[];
  /** How it was decided, moment by moment. */
  readonly moments: readonly { readonly lines: readonly string[] }[];
}

export interface Kept {
  readonly id: string;
  /** Byte → 20 ms packets that are filled with it, by channel. */
  readonly marks: readonly ReadonlyMap<number, number>[];
  readonly detail: Record<string, unknown>;
}

let serial = 0;

/** An account with its own trunk, set up over REST as an integrator does it, and calls that come over that trunk. */
export class Tenant {
  readonly server: TestServer;
  readonly accountId: string;
  readonly trunk: string;
  readonly #client: RecordingClient;

  private constructor(server: TestServer, accountId: string, trunk: string, client: RecordingClient) {
    this.server = server;
    this.accountId = accountId;
    this.trunk = trunk;
    this.#client = client;
  }

  /** @param address loopback address that its trunk calls from */
  static async create(
    server: TestServer,
    name: string,
    address: string,
    { brandId = null, policy = {} }: { brandId?: string | null; policy?: object } = {},
  ): Promise<Tenant> {
    const account = await server.api<{ id: string }>('POST', '/accounts', { name, brandId, policy });
    const trunk = `trunk-${address.replaceAll('.', '-')}`;
    const value = {
      addresses: [address],
      media: ['127.0.0.0/8'],
      headers: { queue: 'X-Queue', dialled: 'X-Dialled' },
      accountIds: [account.id],
    };
    await server.api('POST', '/trunks', { name: trunk, value });
    return new Tenant(server, account.id, trunk, await RecordingClient.open(server, 'udp', address));
  }

  /** Makes an entry of the directory; its id. */
  async add(kind: string, value: object): Promise<string> {
    return (await this.server.api<{ id: string }>('POST', `/accounts/${this.accountId}/${kind}`, { value })).id;
  }

  /** A token of a user of the account, as a phone or a plug-in has it. */
  async tokenOf(userId: string): Promise<string> {
    const token = { name: 'phone', scope: 'control', accountId: this.accountId, userId };
    return (await this.server.api<{ secret: string }>('POST', '/tokens', token)).secret;
  }

  user(firstName: string, extension: string, more: object = {}): Promise<string> {
    return this.add('users', { firstName, lastName: 'Example', extensions: [extension], ...more });
  }

  /** Changes the account's own settings. */
  async policy(change: object): Promise<void> {
    const account = await this.server.api<{ name: string; brandId: string | null; revision: number; policy: object }>(
      'GET',
      `/accounts/${this.accountId}`,
    );
    const { name, brandId, revision } = account;
    await this.server.api('PUT', `/accounts/${this.accountId}`, {
      name,
      brandId,
      revision,
      policy: { ...account.policy, ...change },
    });
  }

  /** Waits until the recorder decides by the settings that were made last. */
  async inForce(): Promise<void> {
    const wanted = await this.server.api<{ version: number }>('GET', '/settings');
    await this.server.until('the settings to be in force', 5000, async () => {
      const status = await this.server.api<{ recorder: { settingsVersion: number } }>('GET', '/status');
      return status.recorder.settingsVersion >= wanted.version;
    });
  }

  async call(plan: CallPlan): Promise<TenantCall> {
    const id = `${this.trunk}-${process.pid}-${++serial}`;
    const session = await RecordedSession.open(this.#client, {
      from: plan.from.number,
      metadata: metadataOf(id, plan.from, plan.to),
      ...(plan.headers === undefined ? {} : { headers: plan.headers }),
      ...(plan.pilot === undefined ? {} : { to: plan.pilot }),
    });
    return new TenantCall(this.server, id, await liveId(this.server, id), session);
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

/** A call under way. */
export class TenantCall {
  /** Its Call-ID at the phones, as the metadata tell it. */
  readonly vendorId: string;
  /** Its id here. */
  readonly id: string;
  readonly session: RecordedSession;
  readonly #server: TestServer;

  constructor(server: TestServer, vendorId: string, id: string, session: RecordedSession) {
    this.#server = server;
    this.vendorId = vendorId;
    this.id = id;
    this.session = session;
  }

  /** Both sides send `packets` × 20 ms, every byte of them `mark` on the left and `mark + 1` on the right. */
  async speak(mark: number, packets = 15): Promise<void> {
    await this.session.speak(Buffer.alloc(packets * 160, mark), Buffer.alloc(packets * 160, mark + 1));
  }

  /** Others are in the call now. */
  async parties(from: Person, to: Person, headers?: Readonly<Record<string, string>>): Promise<void> {
    await this.session.tell(metadataOf(this.vendorId, from, to), headers);
  }

  control(action: string): Promise<{ text: string }> {
    return this.#server.api('POST', `/calls/${this.path}/control`, { action });
  }

  /** The same by a program that may do as much as its token says; the status of the answer. */
  async controlAs(secret: string, action: string): Promise<number> {
    const response = await fetch(`${this.#server.url}/api/v1/calls/${this.path}/control`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ action }),
    });
    return response.status;
  }

  get path(): string {
    return encodeURIComponent(`vendor:callId=${this.vendorId}`);
  }

  /** Hangs up and waits until the call stands in the journal with so many recordings. */
  async end(recordings = 0): Promise<JournalCall> {
    await this.session.end();
    return this.inJournal(recordings);
  }

  async inJournal(recordings = 0): Promise<JournalCall> {
    let found: JournalCall | undefined;
    await this.#server.until(`call ${this.vendorId} to be in the journal`, 30_000, async () => {
      found = await this.#server.api<JournalCall>('GET', `/calls/${this.id}`).catch(() => undefined);
      return found !== undefined && found.recordings.length >= recordings;
    });
    return found!;
  }
}

async function liveId(server: TestServer, vendorId: string): Promise<string> {
  let found: string | undefined;
  await server.until(`call ${vendorId} to run`, 10_000, async () => {
    const { items } = await server.api<{ items: { callId: string; vendorIds: Record<string, string> }[] }>(
      'GET',
      '/calls/live',
    );
    found = items.find(({ vendorIds }) => vendorIds['callId'] === vendorId)?.callId;
    return found !== undefined;
  });
  return found!;
}

/** What a recording holds, by the marks that were spoken. */
export async function kept(server: TestServer, id: string): Promise<Kept> {
  const detail = await server.api<Record<string, unknown>>('GET', `/recordings/${id}`);
  const file = await server.api<Buffer>('GET', `/recordings/${id}/audio?format=original`);
  const marks = readWavFile(file).channels.map((channel) => {
    const counts = new Map<number, number>();
    for (const byte of channel) if (byte !== 0xff) counts.set(byte, (counts.get(byte) ?? 0) + 1);
    return new Map([...counts].map(([byte, samples]) => [byte, samples / 160]));
  });
  return { id, marks, detail };
}

function metadataOf(id: string, from: Person, to: Person): string {
  const party = ({ number, name = '' }: Person) => ({ name, aor: `sip:${number}@127.0.0.1` });
  return callMetadata(id, party(from), party(to), new Date());
}
