import { describe, expect, it } from 'vitest';
import { Peers } from './peers.ts';

describe('numbers of peers', () => {
  it('tell address and port apart', () => {
    const peers = new Peers();
    const numbers = [
      peers.number('192.0.2.1', 4000),
      peers.number('192.0.2.1', 4001),
      peers.number('192.0.2.14', 4000),
      peers.number('2001:db8::1', 4000),
    ];
    expect(new Set(numbers).size).toBe(4);
    expect(peers.number('192.0.2.1', 4001)).toBe(numbers[1]);
    expect([peers.address(numbers[3]!), peers.port(numbers[1]!)]).toEqual(['2001:db8::1', 4001]);
  });

  it('are never given to another peer, however many there are, and memory stays bounded', () => {
    const peers = new Peers();
    const first = peers.number('192.0.2.1', 4000);
    const seen = new Set([first]);
    for (let index = 0; index < 150_000; index++) {
      seen.add(peers.number(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`, 9));
    }
    expect(seen.size).toBe(150_001);
    expect(peers.knows(first)).toBe(false);
    const again = peers.number('192.0.2.1', 4000);
    expect(seen.has(again)).toBe(false);
    expect(peers.knows(again)).toBe(true);
    expect(peers.address(again)).toBe('192.0.2.1');
  });
});
