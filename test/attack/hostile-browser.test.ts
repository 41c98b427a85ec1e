import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../e2e/browser.ts';
import { metadataOf, RecordedSession } from '../e2e/recorded-session.ts';
import { RecordingClient } from '../e2e/recording-client.ts';
import { TestServer } from '../e2e/server.ts';
import { Shelf } from '../e2e/shelf.ts';

/** Each would set a mark if a browser took it for more than text. */
const NAMES = [
  '<script>window.owned=1</script>',
  '<img src=x onerror=window.owned=1>',
  '"><svg onload=window.owned=1>',
  "{{constructor.constructor('window.owned=1')()}} ${window.owned=1}",
  'javascript:window.owned=1',
  '</title><iframe srcdoc="<script>parent.owned=1</script>">',
] as const;

const server = new TestServer({ basePort: 30_000 });
const shelf = new Shelf(server);
const complaints: string[] = [];
let browser: Browser;
let page: Page;
let client: RecordingClient;

const numberOf = (at: number): string => `+1555066${String(at).padStart(2, '0')}`;
const openCall = (at: number): Promise<RecordedSession> => {
  const party = (name: string, aor: string) => ({ name, aor: `sip:${aor}@example.com` });
  const metadata = metadataOf(`hostile-${at}`, party(NAMES[at]!, numberOf(at)), party('Bob', `9${numberOf(at)}`));
  return RecordedSession.open(client, { from: numberOf(at), metadata });
};

beforeAll(async () => {
  await server.start();
  client = await RecordingClient.open(server, 'tcp');
  browser = await openBrowser();
  page = await browser.newPage({ locale: 'en-GB' });
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(/http:\/\/127\.0\.0\.1:\d+\/setup#\S+/.exec(server.output)![0]);
  await page.getByLabel('Your name').fill(NAMES[1]);
  await page.getByLabel('Login').fill('alice');
  await page.getByLabel('Password', { exact: false }).first().fill('a few plain words');
  await page.getByLabel('The same again').fill('a few plain words');
  await page.getByRole('button', { name: /Make administrator/ }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/setup'));
});

afterAll(async () => {
  await browser.close();
  await client.close();
  await server.remove();
});

/** Run in the page. */
const LOOK = `({
  owned: typeof window.owned,
  foreign: document.querySelectorAll('img[src="x"], svg[onload], iframe, script:not([src])').length,
  links: [...document.querySelectorAll('a')].filter((link) => link.href.startsWith('javascript:')).length,
})`;
const PLANT = `document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.owned=1">')`;

/** It stands there as text, and nothing of it has become anything else. */
async function expectText(text: string): Promise<void> {
  await page.getByText(text, { exact: false }).first().waitFor({ timeout: 15_000 });
  const found = await page.evaluate(LOOK);
  expect(found).toEqual({ owned: 'undefined', foreign: 0, links: 0 });
  expect(complaints).toEqual([]);
}

describe('hostile names in a real browser', () => {
  it('are text in the list of running calls', async () => {
    const call = await openCall(0);
    await page.goto(`${server.url}/calls/live`);
    await expectText(NAMES[0]);
    await call.end();
  });

  it.each(NAMES.map((name, at) => [name, at] as const))(
    '%s: is text in the list and on the page of the recording',
    async (name, at) => {
      const call = await openCall(at);
      await call.speak(Buffer.alloc(160 * 5, 0xff), Buffer.alloc(160 * 5, 0x7f));
      await call.end();
      const { id } = await shelf.find(numberOf(at));
      await page.goto(`${server.url}/`);
      await expectText(name);
      await page.goto(`${server.url}/recordings/${id}`);
      await expectText(name);
    },
  );

  it('and were one to become markup, the policy of the page would not let it run', async () => {
    await page.evaluate(PLANT);
    await page.waitForTimeout(500);
    expect(await page.evaluate('typeof window.owned')).toBe('undefined');
    expect(complaints.join()).toMatch(/Content Security Policy/);
  });
});
