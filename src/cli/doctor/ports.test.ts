import { describe, expect, it } from 'vitest';
import { rangeFinding } from './ports.ts';
import { loadConfig } from '../../base/config.ts';

const finding = (env: Record<string, string>) => rangeFinding(loadConfig(env, '/nonexistent'));

describe('the RTP range', () => {
  it('fits the caps by default, those on calls and on new calls a second', () => {
    expect(finding({}).state).toBe('ok');
    expect(finding({ EARSHOT_MAX_CALLS: '2001' }).state).toBe('warning');
    expect(finding({ EARSHOT_MAX_RATE: '301' }).state).toBe('warning');
    expect(finding({ EARSHOT_RTP_REST: '11' }).state).toBe('warning');
    expect(finding({ EARSHOT_RTP_PORTS: '10000-29995' }).state).toBe('warning');
  });

  it('tells how many calls at once, or new ones a second, it falls short of', () => {
    expect(finding({ EARSHOT_RTP_PORTS: '10000-10399' })).toMatchObject({
      text: expect.stringContaining('carries 100 '),
    });
    expect(finding({ EARSHOT_RTP_PORTS: '10000-19999', EARSHOT_RTP_REST: '30' })).toMatchObject({
      state: 'warning',
      text: expect.stringContaining('no more than 16 '),
    });
  });
});
