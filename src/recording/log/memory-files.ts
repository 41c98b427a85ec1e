import type { AppendFile, LogFiles, ReadFile, SyncedFile } from './files.ts';

/** The calls of {@link LogFiles} that can be made to fail or wait. */
export type FileCall = 'create' | 'writev' | 'datasync' | 'sync' | 'syncFolder' | 'unlink';

interface MemoryFile {
  /** What readers of this boot see. */
  bytes: Buffer;
  length: number;
  /** What would be left after a power cut. */
  synced: Buffer;
  isLinked: boolean;
}

/**
 * A file system in memory for tests, which knows what a power cut would leave: bytes whose datasync returned, of files whose folder
 * was synced. Faults are put in by {@link before}.
 */
export class MemoryFiles implements LogFiles {
  readonly #files = new Map<string, MemoryFile>();
  /** Files that were removed since their folder was synced, first to last. */
  #removed: { readonly path: string; readonly file: MemoryFile }[] = [];
  /** Called before each call; may throw (the call fails) or wait (the disk stalls). */
  before: (call: FileCall, path: string) => void | Promise<void> = () => undefined;
  /** Whether the disk has lost some of these bytes of a file: reading them fails with EIO. */
  isLost: (path: string, from: number, to: number) => boolean = () => false;
  /** How many bytes of a write reach the file: fewer than were given is a short write. */
  room = Number.POSITIVE_INFINITY;

  async create(path: string): Promise<AppendFile> {
    await this.before('create', path);
    if (this.#files.has(path)) throw failure('EEXIST');
    const file: MemoryFile = { bytes: Buffer.alloc(0), length: 0, synced: Buffer.alloc(0), isLinked: false };
    this.#files.set(path, file);
    return {
      writev: async (buffers, position) => {
        await this.before('writev', path);
        return this.#write(file, Buffer.concat(buffers), position);
      },
      datasync: async () => {
        const present = Buffer.from(file.bytes.subarray(0, file.length));
        await this.before('datasync', path);
        file.synced = present;
      },
      close: async () => undefined,
    };
  }

  async createSynced(path: string): Promise<SyncedFile> {
    const file = await this.create(path);
    return {
      append: async (buffers, position) => {
        const written = await file.writev(buffers, position);
        await file.datasync();
        return written;
      },
      close: () => file.close(),
    };
  }

  async openRead(path: string): Promise<ReadFile> {
    const file = this.#files.get(path);
    if (file === undefined) throw failure('ENOENT');
    return {
      size: async () => file.length,
      read: async (position, length) => {
        const end = Math.min(position + length, file.length);
        if (this.isLost(path, position, end)) throw failure('EIO');
        return Buffer.from(file.bytes.subarray(position, end));
      },
      close: async () => undefined,
    };
  }

  async sync(path: string): Promise<void> {
    await this.before('sync', path);
    const file = this.#files.get(path);
    if (file === undefined) throw failure('ENOENT');
    file.synced = this.get(path);
  }

  async syncFolder(folder: string): Promise<void> {
    await this.before('syncFolder', folder);
    for (const [path, file] of this.#files) if (path.startsWith(`${folder}/`)) file.isLinked = true;
    this.#removed = this.#removed.filter(({ path }) => !path.startsWith(`${folder}/`));
  }

  async unlink(path: string): Promise<void> {
    await this.before('unlink', path);
    const file = this.#files.get(path);
    if (file === undefined) throw failure('ENOENT');
    this.#files.delete(path);
    this.#removed.push({ path, file });
  }

  async list(folder: string): Promise<string[]> {
    return [...this.#files.keys()]
      .filter((path) => path.startsWith(`${folder}/`))
      .map((path) => path.slice(folder.length + 1));
  }

  /** The files as they would be after a power cut now; so many of the last removals that no sync made durable may not have come to the disk. */
  afterPowerCut(undone = 0): MemoryFiles {
    const left = new MemoryFiles();
    for (const [path, file] of this.#files) if (file.isLinked) left.put(path, file.synced);
    for (const { path, file } of this.#removed.slice(Math.max(0, this.#removed.length - undone))) {
      if (file.isLinked && !left.#files.has(path)) left.put(path, file.synced);
    }
    return left;
  }

  /** The files as they are now: what a killed process leaves. A power cut may still take what was not synced. */
  afterKill(): MemoryFiles {
    const left = new MemoryFiles();
    for (const [path, { synced, isLinked }] of this.#files) {
      const bytes = this.get(path);
      left.#files.set(path, { bytes, length: bytes.length, synced, isLinked });
    }
    left.#removed = [...this.#removed];
    return left;
  }

  get(path: string): Buffer {
    const file = this.#files.get(path);
    if (file === undefined) throw failure('ENOENT');
    return Buffer.from(file.bytes.subarray(0, file.length));
  }

  put(path: string, bytes: Buffer): void {
    const copy = Buffer.from(bytes);
    this.#files.set(path, { bytes: copy, length: copy.length, synced: copy, isLinked: true });
  }

  get paths(): string[] {
    return [...this.#files.keys()].sort();
  }

  #write(file: MemoryFile, bytes: Buffer, position: number): number {
    const taken = bytes.subarray(0, Math.min(bytes.length, this.room));
    this.room -= taken.length;
    const end = position + taken.length;
    if (end > file.bytes.length) {
      const larger = Buffer.alloc(Math.max(end, 2 * file.bytes.length));
      file.bytes.copy(larger);
      file.bytes = larger;
    }
    taken.copy(file.bytes, position);
    file.length = Math.max(file.length, end);
    return taken.length;
  }
}

/** A system error with this code. */
export function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}
