import { mkdtempSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { LinkClient } from './client.ts';
import type { ToRecorder, ToService } from './messages.ts';
import { LinkServer } from './server.ts';

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

const path = () => join(mkdtempSync(join(tmpdir(), 'earshot-link-')), 's');
const hello = { type: 'hello', nodeId: 'n', pid: 1, version: '0' } as const;

async function serve(
  at: string,
  onMessage: (message: ToRecorder, reply: (message: ToService) => void) => void = () => undefined,
) {
  const server = await LinkServer.listen({ path: at, hello, onMessage, log: silentLog });
  closers.push(() => server.close());
  return server;
}

/** Waits until `done`, looking after each message or event of the loop. */
async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setImmediate(resolve));
}

function client(at: string) {
  const heard: ToService[] = [];
  let connects = 0;
  const link = new LinkClient({
    path: at,
    hello: { type: 'hello', pid: 2, version: '0' },
    clock: systemClock({ hold: true }),
    onConnect: () => (connects += 1),
    onMessage: (message) => heard.push(message),
    onLost: () => undefined,
  });
  closers.push(() => link.close());
  return { link, heard, connects: () => connects };
}

describe('the local socket', () => {
  it('carries messages both ways, large ones and many at once', async () => {
    const at = path();
    const got: ToRecorder[] = [];
    const server = await serve(at, (message, reply) => {
      got.push(message);
      if (message.type === 'archived') reply({ type: 'archived-confirmed', callId: message.callId });
    });
    const { link, heard } = client(at);
    await until(() => link.connected);
    const long = 'é'.repeat(200_000);
    for (let i = 0; i < 50; i += 1) link.send({ type: 'archived', callId: `${i}${long}` });
    await until(() => heard.length === 51);
    expect(heard.at(-1)).toEqual({ type: 'archived-confirmed', callId: `49${long}` });
    server.send({ type: 'journal', file: 'a', offset: 5 });
    await until(() => heard.length === 52);
    expect(got[0]).toMatchObject({ type: 'hello', pid: 2 });
  });

  it('comes back by itself after the recorder went away', async () => {
    const at = path();
    const first = await serve(at);
    const { link, connects } = client(at);
    await until(() => connects() === 1);
    first.close();
    await until(() => !link.connected);
    expect(link.send({ type: 'archived', callId: 'x' })).toBe(false);
    await serve(at);
    await until(() => connects() === 2);
    expect(link.connected).toBe(true);
  });

  it('drops a peer that does not speak JSON and goes on with the others', async () => {
    const at = path();
    await serve(at);
    const { link } = client(at);
    await until(() => link.connected);
    const stranger = connect(at);
    stranger.resume().write('rubbish\n');
    await new Promise((resolve) => stranger.on('close', resolve));
    expect(link.connected).toBe(true);
  });
});
