/**
 * Calls whose audio nobody needs any more: archived and confirmed, or never answered. Only what stands here may be freed: a call that is
 * in neither list is one whose journal was damaged. Kept as long as the audio log may hold records of a call.
 */
export class DoneCalls {
  readonly #calls = new Set<string>();

  get size(): number {
    return this.#calls.size;
  }

  add(callId: string): void {
    this.#calls.add(callId);
  }

  has(callId: string): boolean {
    return this.#calls.has(callId);
  }

  values(): string[] {
    return [...this.#calls];
  }

  /**
   * Forgets calls of which the log holds nothing.
   * @param before as {@link values} were before the log was looked at: what is done since may be in it
   */
  forget(before: readonly string[], held: ReadonlySet<string>): void {
    for (const callId of before) if (!held.has(callId)) this.#calls.delete(callId);
  }
}
