import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface ServerOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly dataDir?: string;
  /** First of the ports this server may use; each test file takes a range of its own. */
  readonly basePort: number;
  readonly uid?: number;
}

/** The whole of Earshot, started as `npm start` does, on ports and a data folder of its own. */
export class TestServer {
  readonly dataDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly httpPort: number;
  readonly sipPort: number;
  readonly tlsPort: number;
  readonly #options: ServerOptions;
  #child: ChildProcess | undefined;
  output = '';

  constructor(options: ServerOptions) {
    this.#options = options;
    this.dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'earshot-e2e-'));
    this.httpPort = options.basePort;
    this.sipPort = options.basePort + 1;
    this.tlsPort = options.basePort + 2;
    this.env = {
      ...process.env,
      EARSHOT_DATA: this.dataDir,
      EARSHOT_HTTP_PORT: String(this.httpPort),
      EARSHOT_SIP_PORT: String(this.sipPort),
      EARSHOT_SIP_TLS_PORT: String(this.tlsPort),
      EARSHOT_RTP_PORTS: `${options.basePort + 100}-${options.basePort + 899}`,
      EARSHOT_RTP_REST: '1',
      EARSHOT_LOG: process.env['EARSHOT_E2E_LOG'] ?? 'warn',
      ...options.env,
    };
  }

  get url(): string {
    return `http://127.0.0.1:${this.httpPort}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts and waits until calls are taken and the API answers. */
  async start(): Promise<void> {
    this.launch();
    await this.ready();
  }

  launch(): ChildProcess {
    const child = spawn(process.execPath, [join(root, 'bin/earshot.js'), 'serve'], {
      cwd: root,
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(this.#options.uid === undefined ? {} : { uid: this.#options.uid, gid: this.#options.uid }),
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.#child = child;
    return child;
  }

  /** Waits until `/health` says ok. */
  async ready(deadlineMs = 60_000): Promise<void> {
    await this.until('the server to be ready', deadlineMs, async () => {
      if (this.#child?.exitCode !== null && this.#child?.exitCode !== undefined)
        throw new Error(`the server ended:\n${this.output}`);
      const health = await fetch(`${this.url}/api/v1/health`).catch(() => undefined);
      return health?.ok === true && ((await health.json()) as { status: string }).status === 'ok';
    });
  }

  async until(what: string, deadlineMs: number, done: () => Promise<boolean> | boolean): Promise<void> {
    const deadline = performance.now() + deadlineMs;
    while (!(await done())) {
      if (performance.now() > deadline)
        throw new Error(`waited ${deadlineMs} ms for ${what} in vain\n${this.output.slice(-4000)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** The token of the machine's operator. */
  get localToken(): string {
    return readFileSync(join(this.dataDir, 'secrets', 'local-token'), 'utf8').trim();
  }

  /** An API call with the rights of the machine's operator. */
  async api<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.localToken}` };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    const type = response.headers.get('content-type') ?? '';
    return (type.includes('json') ? await response.json() : Buffer.from(await response.arrayBuffer())) as T;
  }

  /** Runs the `earshot` command against this server; rejects with its output when it fails. */
  cli(...args: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [join(root, 'bin/earshot.js'), ...args], {
        cwd: root,
        env: this.env,
        ...(this.#options.uid === undefined ? {} : { uid: this.#options.uid, gid: this.#options.uid }),
      });
      let out = '';
      let err = '';
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
      child.on('close', (code) =>
        code === 0 ? resolve(out) : reject(new Error(`earshot ${args.join(' ')}: exit ${code}\n${out}${err}`)),
      );
    });
  }

  /** Process id of the recorder, the service or PostgreSQL, as the supervisor wrote it down. */
  pidOf(role: 'recorder' | 'service' | 'postgres'): number {
    if (role === 'postgres')
      return Number(readFileSync(join(this.dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
    const file = join(this.dataDir, 'run', `${role}.pid`);
    if (!existsSync(file)) return 0;
    return (JSON.parse(readFileSync(file, 'utf8')) as { pid: number }).pid;
  }

  /** Stops in order, as an administrator would, and waits for the end. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    await ended;
  }

  /** Stops, and removes the data folder. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
