import type { Timer } from '../../base/clock.ts';
import type { ApiContext } from '../context.ts';
import { alarmsOf, ping } from '../status/view.ts';
import type { LiveEvent } from './schema.ts';

const EVERY_MS = 1000;
/** The database is asked this often, and counts as away when it has not answered by then. */
const PING_MS = 5000;

type AlarmEvent = Extract<LiveEvent, { type: 'alarm.raised' | 'alarm.cleared' }>;
type BellContext = Pick<ApiContext, 'calls' | 'platform' | 'clock' | 'log'>;

/** Tells when an alarm begins and when it is over, whoever raised it. Those of the service are logged here; the recorder logs its own. */
export class AlarmBell {
  readonly #context: BellContext;
  readonly #tell: (event: AlarmEvent) => void;
  readonly #raised = new Map<string, { readonly text: string; readonly isOwn: boolean }>();
  #timer: Timer | undefined;
  #pingedAt = Number.NEGATIVE_INFINITY;
  #pinging = false;
  #answers = true;

  constructor(context: BellContext, tell: (event: AlarmEvent) => void) {
    this.#context = context;
    this.#tell = tell;
    this.#later();
  }

  close(): void {
    this.#timer?.cancel();
  }

  #later(): void {
    this.#timer = this.#context.clock.after(EVERY_MS, () => {
      this.#ask();
      this.#look();
      this.#later();
    });
  }

  #ask(): void {
    const now = this.#context.clock.mono();
    if (now - this.#pingedAt < PING_MS) return;
    if (this.#pinging) {
      this.#answers = false;
      return;
    }
    this.#pingedAt = now;
    this.#pinging = true;
    void ping(this.#context).then((latencyMs) => {
      this.#pinging = false;
      this.#answers = latencyMs !== null;
    });
  }

  #look(): void {
    const now = new Map(alarmsOf(this.#context, this.#answers).map(({ code, text }) => [code, text]));
    for (const [code, text] of now) {
      if (!this.#raised.has(code)) this.#raise(code, text);
    }
    for (const code of this.#raised.keys()) {
      if (!now.has(code)) this.#clear(code);
    }
  }

  #raise(code: string, text: string): void {
    const { message } = this.#context.calls.status();
    const isOwn = message === null || message.alarms.every((alarm) => alarm.code !== code);
    this.#raised.set(code, { text, isOwn });
    if (isOwn) this.#context.log.error({ code, text }, 'alarm');
    this.#tell({ type: 'alarm.raised', data: { code, text } });
  }

  #clear(code: string): void {
    const { text = '', isOwn = false } = this.#raised.get(code) ?? {};
    this.#raised.delete(code);
    if (isOwn) this.#context.log.info({ code }, 'alarm is over');
    this.#tell({ type: 'alarm.cleared', data: { code, text } });
  }
}
