import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, type TestApi } from './testing.ts';

const root = mkdtempSync('/tmp/earshot-web-');
let api: TestApi;
beforeAll(async () => {
  mkdirSync(join(root, 'assets'));
  writeFileSync(join(root, 'index.html'), '<!doctype html><title>Earshot</title>');
  writeFileSync(join(root, 'favicon.svg'), '<svg/>');
  writeFileSync(join(root, 'assets', 'index-BxY4k2_z.js'), 'export {}');
  api = await openTestApi((context) => {
    context.webRoot = root;
  });
});
afterAll(async () => {
  await api.app.close();
  rmSync(root, { recursive: true });
});

const get = (url: string, accept = 'text/html,*/*') => api.app.inject({ url, headers: { accept } });

describe('the web client', () => {
  it.each(['/', '/recordings', `/recordings/abc`, '/setup', '/sign-in?next=/'])('starts at %s', async (url) => {
    const { statusCode, headers, body } = await get(url);
    expect(statusCode).toBe(200);
    expect(body).toContain('<title>Earshot</title>');
    expect(headers).toMatchObject({
      'cache-control': 'no-cache',
      'content-type': expect.stringContaining('text/html'),
    });
  });

  it('keeps hashed files for ever and asks again for the others', async () => {
    expect((await get('/assets/index-BxY4k2_z.js')).headers['cache-control']).toBe(
      'public, max-age=31536000, immutable',
    );
    expect((await get('/favicon.svg')).headers['cache-control']).toBe('no-cache');
  });

  it('is not given in place of a file, of data, or of what lies outside', async () => {
    for (const url of ['/assets/gone.js', '/api/v1/nothing', '/api/nothing', '/../package.json']) {
      const answer = await get(url);
      expect(answer.statusCode).toBeGreaterThanOrEqual(400);
      expect(answer.headers['content-type']).toContain('application/problem+json');
    }
    expect((await get('/%2e%2e/%2e%2e/etc/passwd')).body).toContain('<title>Earshot</title>');
    expect((await get('/recordings', 'application/json')).statusCode).toBe(404);
    expect((await api.app.inject({ method: 'POST', url: '/recordings' })).statusCode).toBe(404);
  });

  it('runs under a policy that lets in no script but its own', async () => {
    const { headers } = await get('/');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('upgrade-insecure-requests');
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    expect(headers['strict-transport-security']).toBeUndefined();
  });
});

describe('the description of the API', () => {
  it('is served as the document and as a page', async () => {
    const document = await get('/api/v1/openapi.json', 'application/json');
    expect(document.json()).toMatchObject({ openapi: '3.1.0' });
    const page = await get('/api/docs/');
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toMatch(/<script(?![^>]*src=)[^>]*>[^<]/);
  });
});

describe('too many requests', () => {
  it('of one address are refused for a while, with the time to wait', async () => {
    const url = '/api/v1/setup/state';
    const one = (remoteAddress: string) => api.app.inject({ url, remoteAddress });
    const answers = [];
    for (let i = 0; i < 1250; i++) answers.push(await one('192.0.2.200'));
    const refused = answers.filter((answer) => answer.statusCode === 429);
    expect(refused).toHaveLength(50);
    expect(refused[0]?.json()).toMatchObject({ code: 'TOO_MANY_REQUESTS', status: 429 });
    expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThan(0);
    expect((await one('192.0.2.201')).statusCode).toBe(200);
  });
});
