/** Numbers from 0 to below 1 that are the same for the same seed in each run (mulberry32). */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** G.711 payload of noise: each byte value occurs, no stretch of it occurs twice, so that every place can be told from every other. */
export function noise(seed: number, packets: number): Buffer {
  const next = seededNumbers(seed);
  return Buffer.from(Uint8Array.from({ length: packets * 160 }, () => Math.floor(next() * 256)));
}
