import { mkdirSync, readFileSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeViolations, openBrowser } from './browser.ts';
import { TestServer } from './server.ts';

/** `EARSHOT_PICTURES=docs/images` keeps the pictures that the README shows. */
const PICTURES = process.env['EARSHOT_PICTURES'];
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

interface Heard {
  readonly seconds: number;
  readonly channels: number;
  readonly loudest: readonly number[];
}

describe('the web client on a fresh installation', () => {
  const server = new TestServer({ basePort: 19_000 });
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    await server.start();
    browser = await openBrowser();
    context = await browser.newContext({ viewport: DESKTOP, locale: 'en-GB' });
    page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
  });

  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  async function fillSetup(on: Page, login: string): Promise<void> {
    await on.getByLabel('Your name').fill('Alice Example');
    await on.getByLabel('Login').fill(login);
    await on.getByLabel('Password', { exact: false }).first().fill('a few plain words');
    await on.getByLabel('The same again').fill('a few plain words');
  }

  async function picture(name: string): Promise<void> {
    if (PICTURES === undefined) return;
    mkdirSync(PICTURES, { recursive: true });
    await page.screenshot({ path: `${PICTURES}/${name}.png` });
  }

  it('makes the first administrator by the printed link, once', async () => {
    const link = /http:\/\/127\.0\.0\.1:\d+\/setup#\S+/.exec(server.output)?.[0];
    expect(link).toBeDefined();
    await page.goto(link!);
    await fillSetup(page, 'alice');
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: /Make administrator/ }).click();
    await page.getByRole('button', { name: 'I have read this' }).click();
    await page.getByRole('heading', { name: 'Recordings', exact: true }).waitFor();
    const stranger = await browser.newPage();
    await stranger.goto(link!);
    await fillSetup(stranger, 'mallory');
    await stranger.getByRole('button', { name: /Make administrator/ }).click();
    await stranger.getByRole('alert').waitFor();
    expect(await server.api('GET', '/setup/state')).toEqual({ needed: false });
    await stranger.close();
  });

  it('shows a call while it runs, and lets it be heard within a minute', async () => {
    await page.goto(server.url);
    const began = performance.now();
    const placed = server.cli('call', '--seconds', '10');
    await page.getByLabel(/^Live: Test caller/).waitFor({ timeout: 10_000 });
    await placed;
    const row = page.getByLabel(/^Recording 1, Test caller/);
    await row.waitFor({ timeout: 60_000 });
    expect(performance.now() - began).toBeLessThan(60_000);
    expect(await axeViolations(page)).toEqual([]);
    await row.click();
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    const position = page.getByRole('slider', { name: 'Position' });
    await expect
      .poll(async () => Number(await position.getAttribute('aria-valuenow')), { timeout: 15_000 })
      .toBeGreaterThan(1);
    await picture('recording');
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    const at = Number(await position.getAttribute('aria-valuenow'));
    await page.keyboard.press('l');
    await expect.poll(async () => Number(await position.getAttribute('aria-valuenow'))).toBeGreaterThan(at + 1);
    expect(await axeViolations(page)).toEqual([]);
  });

  it.each(['wav', 'mp3', 'opus'])('plays what was recorded, not silence, as %s', async (format) => {
    // Decoded by the browser itself: both channels have sound in them.
    const loudest = await page.evaluate<Heard>(`(async () => {
      const id = location.pathname.split('/').at(-1);
      const bytes = await (await fetch('/api/v1/recordings/' + id + '/audio?format=${format}')).arrayBuffer();
      const audio = await new AudioContext().decodeAudioData(bytes);
      const loud = (channel) => audio.getChannelData(channel).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      return { seconds: audio.duration, channels: audio.numberOfChannels, loudest: [loud(0), loud(1)] };
    })()`);
    expect(Math.abs(loudest.seconds - 10)).toBeLessThanOrEqual(0.1);
    expect(loudest.channels).toBe(2);
    for (const level of loudest.loudest) expect(level).toBeGreaterThan(0.05);
  });

  it('hands it out from the menu under a name that tells what it is', async () => {
    await page.getByRole('button', { name: 'Download' }).click();
    const item = page.getByRole('menuitem', { name: /^Opus/ });
    const [download] = await Promise.all([page.waitForEvent('download'), item.click()]);
    expect(download.suggestedFilename()).toMatch(/_1\.opus$/);
    expect(readFileSync(await download.path()).toString('latin1', 28, 36)).toBe('OpusHead');
  });

  it('finds by search, and says so when there is nothing', async () => {
    await page.goto(server.url);
    const search = page.getByLabel('Search names, numbers and call ids');
    await search.waitFor();
    await page.keyboard.press('/');
    const focused = () => page.evaluate<string>('document.activeElement.getAttribute("aria-label") ?? ""');
    await expect.poll(focused).toContain('Search');
    await page.keyboard.type('caller 100');
    await page.getByLabel(/^Recording 1, /).waitFor();
    await search.fill('nobody of this name');
    await page.getByRole('heading', { name: 'No recording fits these filters' }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
  });

  it.each(['/', '/calls', '/settings', '/settings/tokens', '/settings/status', '/settings/audit', '/settings/profile'])(
    'has nothing for axe to find on %s, in light and dark, at desktop and phone width',
    async (path) => {
      for (const size of [DESKTOP, PHONE]) {
        for (const scheme of ['light', 'dark'] as const) {
          await page.setViewportSize(size);
          await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
          await page.goto(server.url + path);
          await page.getByRole('heading', { level: 1 }).waitFor();
          expect(await axeViolations(page), `${scheme} at ${size.width}`).toEqual([]);
        }
      }
      await page.setViewportSize(DESKTOP);
      await page.emulateMedia({ colorScheme: 'light' });
    },
  );

  it('deletes after asking, and the recording is gone', async () => {
    await page.goto(server.url);
    await page.getByLabel(/^Recording 1, /).click();
    await page.getByRole('button', { name: /^Delete/ }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Delete/ })
      .click();
    await page.getByRole('heading', { name: 'Recordings', exact: true }).waitFor();
    await expect.poll(async () => (await server.api<{ items: unknown[] }>('GET', '/recordings')).items).toEqual([]);
  });

  it('signs out, and in again by password', async () => {
    await context.clearCookies();
    await page.goto(server.url);
    await page.getByLabel('Login').fill('alice');
    await page.getByLabel('Password', { exact: false }).first().fill('a few plain words');
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Recordings', exact: true }).waitFor();
  });

  it('had nothing to complain of on the console', () => {
    // The browser notes the 401 by which the client learns that nobody is signed in.
    expect(complaints.filter((text) => !text.includes('401') && !text.includes('403'))).toEqual([]);
  });
});
