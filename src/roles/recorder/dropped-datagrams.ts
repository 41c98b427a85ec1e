import { readFileSync } from 'node:fs';

type ReadFile = (path: string) => string;

/** The kernel writes a line for every socket of the machine: with thousands of them, and drops every second, reading that holds up SIP. */
const LOOK_EVERY_MS = 10_000;

const readProc: ReadFile = (path) => readFileSync(path, 'latin1');

/**
 * Datagrams that the kernel threw away because one of our sockets had no room. The machine's own counters tell cheaply whether anything was
 * dropped at all; only then the list of sockets is read, to see whose it was: other programs drop datagrams too.
 */
export class DroppedDatagrams {
  readonly #isOurs: (port: number) => boolean;
  readonly #read: ReadFile;
  readonly #mono: () => number;
  readonly #bySocket = new Map<string, number>();
  #whole: number | null;
  #ours = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;

  /** `mono`: ms of a clock that only goes forward. */
  constructor(isOurs: (port: number) => boolean, mono: () => number, read: ReadFile = readProc) {
    this.#isOurs = isOurs;
    this.#mono = mono;
    this.#read = read;
    this.#whole = wholeMachine(read);
    this.#look();
    this.#ours = 0;
  }

  /** Since this was made, as of up to {@link LOOK_EVERY_MS} ago; null when the kernel does not tell. */
  count(): number | null {
    const whole = wholeMachine(this.#read);
    if (whole === null) return null;
    if (whole === this.#whole || this.#mono() - this.#lookedAt < LOOK_EVERY_MS) return this.#ours;
    this.#lookedAt = this.#mono();
    this.#whole = whole;
    this.#look();
    return this.#ours;
  }

  /** Adds what each of our sockets dropped since it was looked at last. A socket is told by its inode. */
  #look(): void {
    const seen = new Set<string>();
    for (const path of ['/proc/net/udp', '/proc/net/udp6']) {
      for (const line of lines(this.#read, path)) {
        const fields = line.trim().split(/\s+/);
        const port = Number.parseInt(fields[1]?.split(':').at(-1) ?? '', 16);
        const inode = fields[9];
        const drops = Number(fields.at(-1));
        if (inode === undefined || !Number.isInteger(drops) || !this.#isOurs(port)) continue;
        seen.add(inode);
        this.#ours += Math.max(0, drops - (this.#bySocket.get(inode) ?? 0));
        this.#bySocket.set(inode, drops);
      }
    }
    for (const inode of this.#bySocket.keys()) if (!seen.has(inode)) this.#bySocket.delete(inode);
  }
}

function lines(read: ReadFile, path: string): string[] {
  try {
    return read(path).split('\n').slice(1);
  } catch {
    return [];
  }
}

/** RcvbufErrors of UDP over IPv4 and IPv6, of all programs. */
function wholeMachine(read: ReadFile): number | null {
  try {
    const [names = '', values = ''] = read('/proc/net/snmp')
      .split('\n')
      .filter((line) => line.startsWith('Udp: '));
    const v4 = Number(values.split(' ')[names.split(' ').indexOf('RcvbufErrors')]);
    const v6 = Number(/^Udp6RcvbufErrors\s+(\d+)/m.exec(read('/proc/net/snmp6'))?.[1] ?? 0);
    return Number.isFinite(v4 + v6) ? v4 + v6 : null;
  } catch {
    return null;
  }
}
