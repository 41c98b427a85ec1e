import { Access } from '../access/access.ts';
import type { Place, TokenScope } from '../access/actor.ts';
import { MemoryAccessStore } from '../access/memory.ts';
import type { StoredAudio } from '../audio/types.ts';
import { VirtualClock } from '../base/clock.ts';
import { EarshotError } from '../base/errors.ts';
import { systemRandom } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import type { Command, LiveCall } from '../link/messages.ts';
import { NO_CONTROLS } from '../policy/controls.ts';
import type { App } from './app.ts';
import type { PolicySettings } from '../policy/types.ts';
import type {
  ApiContext,
  CallsChange,
  CommandResult,
  FeedEvent,
  RecordingFull,
  SettingsValues,
  Whose,
} from './context.ts';
import { createApi } from './server.ts';

export const LOCAL_TOKEN = 'local-token-for-tests-0123456789';
export const ID = '0123456789abcdefghjkmnpqrs';
export const FOREIGN_ID = 'yyyyyyyyyyyyyyyyyyyyyyyyyy';
export const PASSWORD = 'correct horse battery';

const stranger = { userId: null, userName: null };

/** A recording of Alice and Bob, with what the test wants otherwise. */
export function recording(change: Partial<RecordingFull> = {}): RecordingFull {
  const startedAt = new Date('2026-03-01T09:30:00.000Z');
  return {
    id: ID,
    recordId: 42,
    callId: 'call-1',
    conversationId: 'call-1',
    accountId: 'main',
    nodeId: 'node-1',
    direction: 'IN',
    startedAt,
    endedAt: new Date(startedAt.getTime() + 10_000),
    durationMs: 10_000,
    protocol: 'siprec',
    trunk: 'default',
    endReason: 'bye',
    codec: 'PCMU',
    channels: 2,
    container: 'wav',
    objectKey: 'objects/one',
    objectBytes: 160_558,
    manifestKey: 'manifests/one',
    manifestSha256: 'a'.repeat(64),
    retainUntil: null,
    warnings: [],
    parties: [
      { position: 0, name: 'Alice', number: '+15550100', aor: null, role: 'caller', channel: 0, ...stranger },
      {
        position: 1,
        name: 'Bob',
        number: '1001',
        aor: 'sip:1001@example.com',
        role: 'callee',
        channel: 1,
        ...stranger,
      },
    ],
    recording: 1,
    by: 'policy',
    asker: null,
    askerUserId: null,
    owner: { kind: 'unassigned', userId: null, name: null, groupId: null },
    pauses: [],
    deliveries: [],
    userIds: [],
    vendorIds: { 'Call-ID': 'abc@192.0.2.1' },
    tracks: [],
    events: [{ at: startedAt, offsetMs: 0, type: 'party-joined', text: 'Alice' }],
    ...change,
  };
}

export function liveDecision(accountId: string): LiveCall['decision'] {
  return {
    verdict: 'record',
    accountId,
    settingsVersion: 1,
    direction: 'IN',
    controls: NO_CONTROLS,
    owner: { kind: 'unassigned' },
    parties: [],
    override: 'auto',
    why: 'The account records every call.',
  };
}

/** A call that runs, with what the test wants otherwise. */
export function liveCall(change: Partial<LiveCall> = {}): LiveCall {
  return {
    callId: 'live-1',
    startedAt: Date.UTC(2026, 2, 1),
    facts: { trunk: 'default', parties: [{ id: 'a', name: 'Alice' }], direction: 'IN', vendorIds: {} },
    decision: liveDecision('main'),
    recordings: [],
    paused: null,
    liveKeep: null,
    streams: [],
    warnings: [],
    ...change,
  };
}

/** Two channels of 8 kHz: channel 0 counts up by one a sample, channel 1 down, so that each byte tells its place. */
export class FakeAudio {
  readonly samples: number;
  readonly container: Buffer;
  opened = 0;
  closed = 0;
  framesRead = 0;

  constructor(samples = 80_000) {
    this.samples = samples;
    this.container = Buffer.alloc(2 * samples, 'sealed container ');
  }

  get stored(): StoredAudio {
    return {
      container: 'wav',
      codec: 'PCMU',
      channels: 2,
      sampleRate: 8000,
      samples: this.samples,
      readPcm: async (from, count) => {
        const frames = Math.max(0, Math.min(count, this.samples - from));
        this.framesRead += frames;
        return Int16Array.from({ length: 2 * frames }, (_, i) => {
          const frame = (from + Math.floor(i / 2)) % 30_000;
          return i % 2 === 0 ? frame : -frame;
        });
      },
    };
  }
}

function isOf({ accountIds, userId }: Whose, row: RecordingFull): boolean {
  return (accountIds?.includes(row.accountId) ?? true) && (userId === null || row.userIds.includes(userId));
}

/** A port behind which there is nothing: what the test does not give is not found. */
function nothingThere<T extends object>(given: Partial<T>): T {
  const missing = async () => {
    throw new EarshotError('NOT_FOUND', 'there is no such thing.', { key: 'id' });
  };
  return new Proxy(given as T, { get: (target, key) => target[key as keyof T] ?? missing });
}

/** Lets streams and promises run that were set going. */
export function settle(): Promise<void> {
  return new Promise((resolve) => void setImmediate(() => setImmediate(() => setImmediate(resolve))));
}

/** The whole context with fakes behind every port; the test turns them. */
export class FakeContext implements ApiContext {
  readonly clock = new VirtualClock(Date.UTC(2026, 2, 1, 12));
  readonly random = systemRandom;
  readonly log = { ...silentLog };
  readonly version = '0.0.0';
  http: ApiContext['http'] = { trustProxy: [], publicUrl: null };
  webRoot: string | null = null;
  readonly store = new MemoryAccessStore();
  readonly access = new Access({
    store: this.store,
    clock: this.clock,
    random: this.random,
    localToken: LOCAL_TOKEN,
    cost: { memory: 64, passes: 1, parallelism: 1 },
  });
  rows: RecordingFull[] = [recording()];
  live: LiveCall[] = [];
  values: SettingsValues = {
    version: 1,
    retentionDays: 90,
    noticeAcknowledged: false,
  };
  databaseUp = true;
  alarms: { code: string; text: string }[] = [];
  state: 'ready' | 'away' = 'ready';
  fakeAudio = new FakeAudio();
  /** What the recorder was told, and what it answers. */
  readonly commands: Command[] = [];
  answer: CommandResult = { ok: true, text: 'Done.', recording: 1 };
  held: ApiContext['held'] = { list: async () => [], keep: async () => true, drop: async () => true };
  readonly listeners = new Set<(change: CallsChange) => void>();
  readonly feedListeners = new Set<(event: FeedEvent) => void>();

  readonly recordings: ApiContext['recordings'] = {
    list: async (filter, cursor, limit) => {
      this.#needDatabase();
      const mine = this.rows.filter((row) => isOf(filter, row));
      const from = cursor === null ? 0 : Number(cursor);
      const next = from + limit < mine.length ? String(from + limit) : null;
      return { items: mine.slice(from, from + limit), next };
    },
    get: async (id) => {
      this.#needDatabase();
      return this.rows.find((row) => row.id === id);
    },
    conversation: async (whose, id) => this.rows.filter((row) => isOf(whose, row) && row.conversationId === id),
    decision: async () => ({ verdict: 'record', accountId: 'main', settingsVersion: 1, layers: [] }),
    manifest: async () => ({ envelope: { version: 1 }, sealed: { parties: [] } }),
    trace: async () => [
      {
        at: new Date(0),
        direction: 'in',
        transport: 'UDP',
        remote: '192.0.2.2:5060',
        text: 'INVITE sip:srs@192.0.2.1 SIP/2.0\r\nVia: …\r\n\r\n',
      },
    ],
    delete: async (_account, id) => {
      const before = this.rows.length;
      this.rows = this.rows.filter((row) => row.id !== id);
      return this.rows.length < before;
    },
  };

  readonly audio: ApiContext['audio'] = {
    open: async () => {
      const { fakeAudio } = this;
      fakeAudio.opened += 1;
      return {
        bytes: {
          size: fakeAudio.container.length,
          read: async (offset, length) => {
            return fakeAudio.container.subarray(offset, offset + length);
          },
        },
        audio: fakeAudio.stored,
        close: async () => void (fakeAudio.closed += 1),
      };
    },
    peaks: async () => ({
      msPerPeak: 10,
      channels: [Int8Array.from([-128, 127, -1, 1]), Int8Array.from([0, 0, -64, 64])],
    }),
  };

  readonly calls: ApiContext['calls'] = {
    calls: () => this.live,
    status: () => ({ state: this.state, nodeId: 'node-1', version: '0.0.0', message: null }),
    command: async (command) => {
      this.commands.push(command);
      return this.answer;
    },
    subscribe: (listener) => {
      this.listeners.add(listener);
      return () => void this.listeners.delete(listener);
    },
  };

  readonly feed: ApiContext['feed'] = {
    subscribe: (listener) => {
      this.feedListeners.add(listener);
      return () => void this.feedListeners.delete(listener);
    },
  };

  readonly directory = nothingThere<ApiContext['directory']>({ accounts: async () => [], brands: async () => [] });
  readonly imports = nothingThere<ApiContext['imports']>({});

  readonly journal: ApiContext['journal'] = {
    list: async () => ({ items: [], next: null }),
    get: async () => undefined,
    past: async () => [],
  };
  policySettings: PolicySettings = { version: 1, accounts: [{ id: 'main', name: 'Main' }] };
  readonly policy: ApiContext['policy'] = {
    settings: () => this.policySettings,
  };
  phoneRanges: readonly string[] = [];
  readonly phones: ApiContext['phones'] = {
    all: async () => [{ accountId: 'main', revision: 1, ranges: this.phoneRanges }],
    read: async () => ({ revision: 1, ranges: this.phoneRanges }),
    change: async (_account, change) => change,
  };

  readonly settings: ApiContext['settings'] = {
    read: async () => this.values,
    change: async (version, patch) => {
      if (version !== this.values.version) return null;
      this.values = { ...this.values, ...patch, version: version + 1 };
      return this.values;
    },
    trunkWarning: () => null,
  };

  readonly platform: ApiContext['platform'] = {
    startedAt: () => new Date(0),
    disk: async () => ({ freeBytes: 1, totalBytes: 2 }),
    pingDatabase: async () => {
      this.#needDatabase();
      return 0.4;
    },
    databaseVersion: () => '18.4',
    archiveWaiting: () => 0,
    alarms: () => this.alarms,
    metrics: async () => '# own\n',
  };

  /** Says that these calls run now, as the recorder would. */
  say(...calls: LiveCall[]): void {
    const over = this.live.map(({ callId }) => callId).filter((id) => !calls.some(({ callId }) => callId === id));
    this.live = calls;
    for (const listener of this.listeners) listener({ calls, over });
  }

  tell(event: FeedEvent): void {
    for (const listener of this.feedListeners) listener(event);
  }

  #needDatabase(): void {
    if (!this.databaseUp) throw new EarshotError('DATABASE_UNREACHABLE', 'the database does not answer.');
  }
}

/** An API on fakes with its first operator, and the ways to be somebody. */
export interface TestApi {
  readonly app: App;
  readonly context: FakeContext;
  /** Cookie and header of the signed-in operator. */
  readonly cookie: Record<string, string>;
  bearer(scope: TokenScope): Promise<Record<string, string>>;
  /** Cookie and header of somebody at another level. */
  as(place: Partial<Place>): Promise<Record<string, string>>;
}

export async function openTestApi(prepare: (context: FakeContext) => void = () => undefined): Promise<TestApi> {
  const context = new FakeContext();
  prepare(context);
  const app = await createApi(context);
  const link = await context.access.createSetupLink();
  const opened = await context.access.setUp(link, { name: 'Alice', login: 'alice', password: PASSWORD }, '192.0.2.1');
  let people = 0;
  return {
    app,
    context,
    async as(place) {
      const whole = { role: 'administrator' as const, accountId: 'main', brandId: null, userId: null, ...place };
      if (whole.userId !== null) context.store.directoryUsers.add(`${whole.accountId}/${whole.userId}`);
      const login = `person-${++people}`;
      const invited = await context.access.people.create(opened.actor, { login, name: login, ...whole });
      const { secret } = await context.access.takeInvitation(invited.link, PASSWORD, '192.0.2.1');
      return { cookie: `earshot=${secret}`, 'x-earshot-request': '1' };
    },
    cookie: { cookie: `earshot=${opened.secret}`, 'x-earshot-request': '1' },
    async bearer(scope) {
      const { secret } = await context.access.tokens.create(opened.actor, { name: scope, scope });
      return { authorization: `Bearer ${secret}` };
    },
  };
}
