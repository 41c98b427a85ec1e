import { lstatSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordingDetail } from '../../src/api/recordings/schema.ts';
import { SILENCE } from './channel.ts';
import { entriesBelow, filesBelow, searchBytes, searchFolders } from './plaintext-search.ts';
import { run } from './program.ts';
import { RecordedSession } from './recorded-session.ts';
import { RecordingClient } from './recording-client.ts';
import { TestServer } from './server.ts';
import { Shelf } from './shelf.ts';
import { type Needle, needlesOf, tone } from './tone.ts';

const SECONDS = 4;
const temporary = mkdtempSync(join(tmpdir(), 'earshot-secrecy-'));
const server = new TestServer({ basePort: 22_000, env: { TMPDIR: temporary } });
const shelf = new Shelf(server);
const left = tone(8, SECONDS);
/** Silent at first, so that a mix of both holds the left one alone for a while. */
const right = Buffer.concat([Buffer.alloc(left.length / 2, SILENCE.mulaw), tone(10, SECONDS / 2)]);
let needles: Needle[];
let client: RecordingClient;

/** Everything that the server could have written to. */
const finds = () => searchFolders([server.dataDir, temporary], needles);
const spooled = () =>
  filesBelow(join(server.dataDir, 'spool', 'audio')).reduce((sum, file) => sum + statSync(file).size, 0);

async function audio(id: string, format: string): Promise<Buffer> {
  return server.api<Buffer>('GET', `/recordings/${id}/audio?format=${format}`);
}

beforeAll(async () => {
  needles = [
    ...(await needlesOf('the left tone', left, 8)),
    ...(await needlesOf('the right tone', right.subarray(right.length / 2), 10)),
  ];
  await server.start();
  client = await RecordingClient.open(server, 'udp');
});

afterAll(async () => {
  await client.close();
  await server.remove();
  rmSync(temporary, { recursive: true });
});

describe('the audio of a call', () => {
  const number = '+15550301';
  let detail: RecordingDetail;
  let original: Buffer;

  it('is in no file while the call runs, nor while nobody archives it', async () => {
    process.kill(server.pidOf('service'), 'SIGSTOP');
    try {
      const call = await RecordedSession.open(client, { from: number });
      const speech = call.speak(left, right);
      await new Promise((resolve) => setTimeout(resolve, 2000));
      expect(spooled(), 'packets are on the disk already').toBeGreaterThan(10_000);
      expect(finds()).toEqual([]);
      await speech;
      await call.end();
      expect(spooled(), 'the whole call waits for the archive').toBeGreaterThan(left.length + right.length);
      expect(finds()).toEqual([]);
    } finally {
      process.kill(server.pidOf('service'), 'SIGCONT');
    }
    detail = await shelf.find(number);
  });

  it('is found by this search where it is', async () => {
    original = await audio(detail.id, 'original');
    expect(searchBytes(original, needles)).toEqual([
      'a WAV header',
      'the left tone as µ-law',
      'the right tone as µ-law',
    ]);
    const wav = await audio(detail.id, 'wav');
    expect(searchBytes(wav, needles)).toEqual(['a WAV header', 'the left tone as PCM', 'the right tone as PCM']);
    expect(searchBytes(await audio(detail.id, 'mp3'), needles)).toEqual(['an MP3 header']);
    expect(searchBytes(await audio(detail.id, 'opus'), needles)).toEqual(['an Opus header']);
    expect(searchBytes(await audio(detail.id, 'ul'), needles)).toContain('the left tone as µ-law');
  });

  it('is in no file after it was archived and handed out in each form', async () => {
    await server.api('GET', `/recordings/${detail.id}/peaks`);
    expect(finds()).toEqual([]);
  });

  it('opens with the exported key, by age and by our own command, byte for byte', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'earshot-key-'));
    try {
      const key = join(folder, 'key.pem');
      await server.cli('keys', 'export', key);
      expect(lstatSync(key).mode & 0o777).toBe(0o600);
      const object = join(server.dataDir, 'vault', detail.integrity.objectKey!);
      expect(await run('age', ['-d', '-i', key, object])).toEqual(original);
      await server.cli('decrypt', object, '--key', key, '--out', join(folder, 'audio.wav'));
      expect(readFileSync(join(folder, 'audio.wav'))).toEqual(original);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is in no file after everything has stopped', async () => {
    await server.stop();
    expect(finds()).toEqual([]);
  });
});

describe('the data folder', () => {
  it('lets nobody else read or change anything', () => {
    const open = entriesBelow(server.dataDir).filter((path) => {
      const stat = lstatSync(path);
      // PostgreSQL runs as another user and has to pass through some folders; what lies in a closed one is closed.
      const allowed = stat.isDirectory() ? 0o011 : 0;
      return !stat.isSymbolicLink() && !isClosed(dirname(path)) && (stat.mode & 0o077 & ~allowed) !== 0;
    });
    expect(open).toEqual([]);
    expect(lstatSync(server.dataDir).mode & 0o066).toBe(0);
  });

  it('keeps its secrets in files for this user alone', () => {
    const secrets = join(server.dataDir, 'secrets');
    expect(lstatSync(secrets).mode & 0o777).toBe(0o700);
    const modes = filesBelow(secrets).map((path) => lstatSync(path).mode & 0o777);
    expect(modes.length).toBeGreaterThan(10);
    expect(new Set(modes)).toEqual(new Set([0o600]));
  });
});

/** Whether a folder above, below the data folder, keeps everybody else out. */
function isClosed(folder: string): boolean {
  if (folder === server.dataDir) return false;
  return (lstatSync(folder).mode & 0o077) === 0 || isClosed(dirname(folder));
}
