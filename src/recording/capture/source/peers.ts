/** So many are remembered: more than the streams of a thread, less than a flood from forged addresses could fill memory with. */
const MOST = 65_536;

/**
 * Numbers for addresses with ports, so that a packet's sender is compared by one number. A number never stands for two peers; a peer may come under another
 * number after a flood of others.
 */
export class Peers {
  readonly #numbers = new Map<string, number>();
  #addresses: string[] = [];
  #ports: number[] = [];
  /** The lowest number that is still known; lower ones were forgotten. */
  #first = 0;

  /** @param address without brackets or zone */
  number(address: string, port: number): number {
    const key = `${address} ${port}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.#addresses.length >= MOST) this.#forget();
    const number = this.#first + this.#addresses.length;
    this.#numbers.set(key, number);
    this.#addresses.push(address);
    this.#ports.push(port);
    return number;
  }

  /** Whether the number still stands for its peer; one that does not must be asked for again. */
  knows(number: number): boolean {
    return number >= this.#first && number < this.#first + this.#addresses.length;
  }

  /** Of a number that is known. */
  address(number: number): string {
    return this.#addresses[number - this.#first] ?? '';
  }

  port(number: number): number {
    return this.#ports[number - this.#first] ?? 0;
  }

  #forget(): void {
    this.#first += this.#addresses.length;
    this.#numbers.clear();
    this.#addresses = [];
    this.#ports = [];
  }
}
