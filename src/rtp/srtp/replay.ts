/** How far behind the newest packet one may still come: 20 s of audio. RFC 3711 §3.3.2 demands 64. */
export const REPLAY_WINDOW = 1024;

/** Which packet indexes have been taken (RFC 3711 §3.3.2): each is taken once, and none from behind the window. */
export class ReplayWindow {
  #highest = -1;
  /** One bit an index, at index modulo window. */
  readonly #seen = new Uint32Array(REPLAY_WINDOW / 32);

  isFresh(index: number): boolean {
    if (index > this.#highest) return true;
    if (this.#highest - index >= REPLAY_WINDOW) return false;
    const bit = index % REPLAY_WINDOW;
    return (this.#seen[bit >> 5]! & (1 << (bit & 31))) === 0;
  }

  /** Only for an index that is fresh, of a packet that has been authenticated. */
  take(index: number): void {
    if (index > this.#highest) {
      if (index - this.#highest >= REPLAY_WINDOW) this.#seen.fill(0);
      else for (let passed = this.#highest + 1; passed < index; passed++) this.#clear(passed);
      this.#highest = index;
    }
    const bit = index % REPLAY_WINDOW;
    this.#seen[bit >> 5]! |= 1 << (bit & 31);
  }

  #clear(index: number): void {
    const bit = index % REPLAY_WINDOW;
    this.#seen[bit >> 5]! &= ~(1 << (bit & 31));
  }
}
