import type { TestServer } from '../e2e/server.ts';

/** Listens to the event stream and notes which alarms began and ended. */
export class AlarmListener {
  /** Code to text. */
  readonly raised = new Map<string, string>();
  readonly cleared = new Set<string>();
  readonly #abort = new AbortController();

  static async open(server: TestServer): Promise<AlarmListener> {
    const listener = new AlarmListener();
    const response = await fetch(`${server.url}/api/v1/events`, {
      headers: { authorization: `Bearer ${server.localToken}` },
      signal: listener.#abort.signal,
    });
    if (!response.ok || response.body === null) throw new Error(`no events: ${response.status}`);
    void listener.#follow(response.body).catch(() => undefined);
    // What stood before is told by the status; the stream tells of what begins.
    const { alarms } = await server.api<{ alarms: { code: string; text: string }[] }>('GET', '/status');
    for (const { code, text } of alarms) listener.raised.set(code, text);
    return listener;
  }

  close(): void {
    this.#abort.abort();
  }

  async #follow(body: ReadableStream<Uint8Array>): Promise<void> {
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of body) {
      const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) this.#take(block);
    }
  }

  #take(block: string): void {
    const type = /^event: (.+)$/m.exec(block)?.[1];
    if (type !== 'alarm.raised' && type !== 'alarm.cleared') return;
    const { code, text } = JSON.parse(/^data: (.+)$/m.exec(block)?.[1] ?? '{}') as { code: string; text: string };
    if (type === 'alarm.raised') this.raised.set(code, text);
    else this.cleared.add(code);
  }
}
