import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodeG711 } from '../../audio/g711.ts';
import { FakeAudio, ID, openTestApi, recording, settle, type TestApi } from '../testing.ts';

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi();
});
afterAll(() => api.app.close());
beforeEach(() => {
  api.context.fakeAudio = new FakeAudio();
  api.context.rows = [recording()];
  api.context.store.audit.length = 0;
  api.context.clock.advance(3_600_000);
});

const get = (query = '', headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') =>
  api.app.inject({ method, url: `/api/v1/recordings/${ID}/audio${query}`, headers: { ...api.cookie, ...headers } });

const WAV_BYTES = 44 + 80_000 * 4;

describe('the audio as WAV', () => {
  it('is canonical PCM with each party on its channel', async () => {
    const { statusCode, headers, rawPayload: wav } = await get();
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'audio/wav',
      'content-length': String(WAV_BYTES),
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-store',
    });
    expect(wav.length).toBe(WAV_BYTES);
    expect(wav.toString('latin1', 0, 4)).toBe('RIFF');
    expect([wav.readUInt16LE(20), wav.readUInt16LE(22), wav.readUInt32LE(24), wav.readUInt32LE(40)]).toEqual([
      1, 2, 8000, 320_000,
    ]);
    for (const frame of [0, 1, 16_383, 16_384, 79_999]) {
      const at = 44 + 4 * frame;
      expect([wav.readInt16LE(at), wav.readInt16LE(at + 2)]).toEqual(
        [frame % 30_000, -(frame % 30_000)].map((v) => v + 0),
      );
    }
  });

  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=0-43', 0, 44],
    ['bytes=40-50', 40, 51],
    ['bytes=45-48', 45, 49],
    ['bytes=65579-65590', 65_579, 65_591],
    ['bytes=-5', WAV_BYTES - 5, WAV_BYTES],
    [`bytes=${WAV_BYTES - 1}-`, WAV_BYTES - 1, WAV_BYTES],
    ['bytes=100-999999999', 100, WAV_BYTES],
    ['bytes=-999999999', 0, WAV_BYTES],
  ])('by range %s gives just these bytes', async (range, from, to) => {
    const whole = (await get()).rawPayload;
    const { statusCode, headers, rawPayload } = await get('', { range });
    expect(statusCode).toBe(206);
    expect(headers['content-range']).toBe(`bytes ${from}-${to - 1}/${WAV_BYTES}`);
    expect(headers['content-length']).toBe(String(to - from));
    expect(rawPayload.equals(whole.subarray(from, to))).toBe(true);
  });

  it('by a small range reads little, wherever it lies', async () => {
    await get('', { range: 'bytes=300000-300999' });
    expect(api.context.fakeAudio.framesRead).toBeLessThanOrEqual(251);
    await get('', { range: 'bytes=0-43' });
    expect(api.context.fakeAudio.framesRead).toBeLessThanOrEqual(251);
  });

  it.each([`bytes=${WAV_BYTES}-`, 'bytes=999999999-', 'bytes=-0'])(
    'outside of it (%s) is 416 with the size',
    async (range) => {
      const answer = await get('', { range });
      expect(answer.statusCode).toBe(416);
      expect(answer.headers['content-range']).toBe(`bytes */${WAV_BYTES}`);
      expect(answer.json()).toMatchObject({ code: 'RANGE_INVALID' });
      expect(api.context.fakeAudio.closed).toBe(1);
    },
  );

  it.each(['bytes=5-4', 'bytes=a-b', 'bytes=0-1,3-4', 'bytes=-', 'lines=0-1', 'bytes=1', 'x'])(
    'with a range that may be ignored (%s) comes whole',
    async (range) => {
      const answer = await get('', { range });
      expect([answer.statusCode, answer.rawPayload.length]).toEqual([200, WAV_BYTES]);
    },
  );

  it('honours If-Range and If-None-Match by a strong ETag of its own per format', async () => {
    const etag = String((await get()).headers['etag']);
    expect(etag).toMatch(/^"[\w-]{20,}"$/);
    expect(String((await get('?format=original')).headers['etag'])).not.toBe(etag);
    expect((await get('', { range: 'bytes=0-1', 'if-range': etag })).statusCode).toBe(206);
    expect((await get('', { range: 'bytes=0-1', 'if-range': '"other"' })).statusCode).toBe(200);
    expect((await get('', { range: 'bytes=0-1', 'if-range': `W/${etag}` })).statusCode).toBe(200);
    const known = await get('', { 'if-none-match': `"a", W/${etag}` });
    expect([known.statusCode, known.rawPayload.length]).toEqual([304, 0]);
  });

  it('for HEAD tells the same and reads nothing', async () => {
    const { statusCode, headers, rawPayload } = await get('', {}, 'HEAD');
    expect([statusCode, headers['content-length'], rawPayload.length]).toEqual([200, String(WAV_BYTES), 0]);
    await settle();
    const { opened, closed, framesRead } = api.context.fakeAudio;
    expect([opened, closed, framesRead]).toEqual([1, 1, 0]);
  });

  it('is closed after it was read', async () => {
    await get();
    await get('', { range: 'bytes=0-5' });
    await settle();
    expect(api.context.fakeAudio).toMatchObject({ opened: 2, closed: 2 });
  });
});

describe('the audio in other formats', () => {
  it('original: the stored container, byte for byte and by range', async () => {
    const { container } = api.context.fakeAudio;
    expect((await get('?format=original')).rawPayload.equals(container)).toBe(true);
    const part = await get('?format=original', { range: 'bytes=131070-131080' });
    expect(part.rawPayload.equals(container.subarray(131_070, 131_081))).toBe(true);
  });

  it('ul: raw µ-law of all channels together, by range too', async () => {
    const whole = await get('?format=ul');
    expect(whole.headers['content-type']).toBe('audio/basic');
    expect(whole.rawPayload.length).toBe(80_000);
    // One channel counts up, the other down: together silence.
    expect(new Set(decodeG711('mulaw', whole.rawPayload))).toEqual(new Set([0]));
    expect((await get('?format=ul', { range: 'bytes=10-19' })).rawPayload.length).toBe(10);
  });

  it('mp3: made while it is read, whole only, of a size that is known before', async () => {
    api.context.fakeAudio = new FakeAudio(8000);
    const { statusCode, headers, rawPayload } = await get('?format=mp3', { range: 'bytes=0-1' });
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'audio/mpeg', 'accept-ranges': 'none' });
    expect(headers['content-length']).toBe(String(rawPayload.length));
    // Frame sync of MPEG audio.
    expect(rawPayload.readUInt16BE(0) & 0xffe0).toBe(0xffe0);
    const head = await get('?format=mp3', {}, 'HEAD');
    expect([head.statusCode, head.headers['content-length']]).toEqual([200, headers['content-length']]);
  });

  it('opus: made while it is read, whole only, of a size that is known before', async () => {
    api.context.fakeAudio = new FakeAudio(8000);
    const { statusCode, headers, rawPayload } = await get('?format=opus&download=1', { range: 'bytes=0-1' });
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'audio/ogg; codecs=opus', 'accept-ranges': 'none' });
    expect(headers['content-disposition']).toMatch(/^attachment; filename="[^"]+_42\.opus"$/);
    expect(headers['content-length']).toBe(String(rawPayload.length));
    expect(rawPayload.toString('latin1', 28, 36)).toBe('OpusHead');
    const head = await get('?format=opus', {}, 'HEAD');
    expect([head.statusCode, head.headers['content-length']]).toEqual([200, headers['content-length']]);
    const [line] = api.context.store.audit.filter(({ subject }) => subject === ID);
    expect(line).toMatchObject({ action: 'recordings.download', detail: { format: 'opus' } });
  });

  it('as a download has a file name that tells what it is', async () => {
    const plain = await get('?download=1&format=mp3');
    expect(plain.headers['content-disposition']).toBe('attachment; filename="2026-03-01_093000_+15550100_1001_42.mp3"');
    const parties = recording().parties.map((party) => ({ ...party, number: null, name: 'Zoë "x"; /../é' }));
    api.context.rows = [recording({ parties })];
    expect((await get('?download=1')).headers['content-disposition']).toBe(
      `attachment; filename="2026-03-01_093000_Zoe-x-..-e_Zoe-x-..-e_42.wav"; ` +
        `filename*=UTF-8''2026-03-01_093000_Zo%C3%AB-x-..-%C3%A9_Zo%C3%AB-x-..-%C3%A9_42.wav`,
    );
  });
});

describe('playing and downloading', () => {
  const lines = () => api.context.store.audit.filter((line) => line.subject === ID).map((line) => line.action);

  it('are on record once a play, however many ranges it takes', async () => {
    await get('', {}, 'HEAD');
    expect(lines()).toEqual([]);
    await get('', { range: 'bytes=1-100' });
    await get('', { range: 'bytes=200-300' });
    expect(lines()).toEqual(['recordings.play']);
    await get('?download=1');
    expect(lines()).toEqual(['recordings.play', 'recordings.download']);
    await get('?download=1&format=original');
    expect(lines().filter((action) => action === 'recordings.download')).toHaveLength(2);
    api.context.clock.advance(5 * 60_000 + 1);
    await get('', { range: 'bytes=1-100' });
    expect(lines().at(-1)).toBe('recordings.play');
    expect(lines()).toHaveLength(4);
  });

  it('of a recording without audio is a clear problem', async () => {
    api.context.rows = [recording({ container: 'none', objectKey: null })];
    expect((await get()).json()).toMatchObject({ code: 'NOT_FOUND', status: 404 });
  });
});

describe('the SIP trace', () => {
  it('gives each message with its first line', async () => {
    const answer = await api.app.inject({ url: `/api/v1/recordings/${ID}/trace`, headers: api.cookie });
    expect(answer.json()).toEqual({
      messages: [
        {
          at: '1970-01-01T00:00:00.000Z',
          direction: 'in',
          transport: 'UDP',
          local: null,
          remote: '192.0.2.2:5060',
          summary: 'INVITE sip:srs@192.0.2.1 SIP/2.0',
          text: 'INVITE sip:srs@192.0.2.1 SIP/2.0\r\nVia: …\r\n\r\n',
        },
      ],
    });
  });
});

describe('peaks', () => {
  it('are drawn together to the width that is asked for', async () => {
    const ask = (width: number) =>
      api.app.inject({ url: `/api/v1/recordings/${ID}/peaks?width=${width}`, headers: api.cookie });
    expect((await ask(100)).json()).toEqual({
      durationMs: 10_000,
      channels: [
        [-1, 127 / 128, -1 / 128, 1 / 128],
        [0, 0, -0.5, 0.5],
      ],
    });
  });
});
