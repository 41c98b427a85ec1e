import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../base/clock.ts';
import { loadReceiver } from './addon.ts';
import { chooseSource } from './choose.ts';

const options = { host: '127.0.0.1', receiveBufferBytes: 0, onError: () => undefined, clock: systemClock() };

describe('the choice of a receiver', () => {
  it('is Node’s sockets where they are asked for, without a word', () => {
    expect(chooseSource('node', options)).toMatchObject({ receiver: 'node', reason: null });
  });

  it('is otherwise the batch receiver, or says why not', () => {
    const loaded = loadReceiver();
    const { receiver, reason } = chooseSource('auto', options);
    expect([receiver, reason]).toEqual(loaded.addon === null ? ['node', loaded.reason] : ['batch', null]);
  });
});
