import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordingDetail, RecordingSummary } from '../../src/api/recordings/schema.ts';
import type { TestServer } from './server.ts';

/** Recordings of a test server, found and fetched as a user would. */
export class Shelf {
  readonly #server: TestServer;

  constructor(server: TestServer) {
    this.#server = server;
  }

  /** Waits for the recording in which `number` takes part. */
  async find(number: string, deadlineMs = 30_000): Promise<RecordingDetail> {
    let found: RecordingSummary | undefined;
    await this.#server.until(`the recording of ${number}`, deadlineMs, async () => {
      found = (await this.list(number))[0];
      return found !== undefined;
    });
    return this.detail(found!.id);
  }

  async list(number: string): Promise<RecordingSummary[]> {
    const query = new URLSearchParams({ number }).toString();
    return (await this.#server.api<{ items: RecordingSummary[] }>('GET', `/recordings?${query}`)).items;
  }

  detail(id: string): Promise<RecordingDetail> {
    return this.#server.api<RecordingDetail>('GET', `/recordings/${id}`);
  }

  /** The stored file, by the command. */
  async export(id: string, format = 'original'): Promise<Buffer> {
    const folder = mkdtempSync(join(tmpdir(), 'earshot-export-'));
    try {
      const file = join(folder, 'audio');
      await this.#server.cli('recordings', 'export', id, file, '--format', format);
      return readFileSync(file);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}
