import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeViolations, openBrowser } from './browser.ts';
import { TestServer } from './server.ts';

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
/** Who calls whom in a call of `earshot call`. */
const CALLER = '+1555010100';
const EXTENSION = '2100';

interface JournalCall {
  readonly id: string;
  readonly verdict: string;
  readonly reason: string;
  readonly recordings: readonly unknown[];
}

describe('rules and people in the web client', () => {
  const server = new TestServer({ basePort: 17_000 });
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
      if (message.type() === 'error') complaints.push(`${message.text()} ${message.location().url}`);
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(/http:\/\/127\.0\.0\.1:\d+\/setup#\S+/.exec(server.output)![0]);
    await page.getByLabel('Your name').fill('Alice Example');
    await page.getByLabel('Login').fill('alice');
    await page.getByLabel('Password', { exact: false }).first().fill('a few plain words');
    await page.getByLabel('The same again').fill('a few plain words');
    await page.getByRole('button', { name: /Make administrator/ }).click();
    await page.getByRole('button', { name: 'I have read this' }).click();
    await page.getByRole('heading', { name: 'Recordings', exact: true }).waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await server.remove();
  });

  const go = async (path: string, heading: string): Promise<void> => {
    await page.goto(server.url + path);
    await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  };
  const dialog = (): Locator => page.getByRole('dialog');
  const effect = (): Locator => page.getByTestId('effect');

  /** The newest call of the journal, as soon as there are so many. */
  /** The newest call once there are so many, with so many recordings: they come one after the other. */
  async function journal(calls: number, recordings = 0): Promise<JournalCall> {
    let newest: JournalCall | undefined;
    await server.until(`${calls} calls in the journal`, 60_000, async () => {
      const { items } = await server.api<{ items: JournalCall[] }>('GET', '/calls');
      newest = items[0];
      return items.length >= calls && newest!.recordings.length >= recordings;
    });
    return newest!;
  }

  async function verdictOfMadeUpCall(): Promise<string> {
    await go('/accounts/main/explain', 'Try a call');
    await page.getByLabel('Number of the caller').fill(CALLER);
    await page.getByLabel('Number that is called').fill(EXTENSION);
    return page.getByTestId('explained').innerText();
  }

  it('shows the rule of the first start with its meaning, and what turning it off would change', async () => {
    await server.cli('call', '--seconds', '2');
    expect((await journal(1)).verdict).toBe('record');
    await go('/policy', 'Rules');
    const rule = page.getByRole('listitem').filter({ hasText: 'Record all calls' });
    await rule.getByText('All calls are recorded automatically.').waitFor();
    await page.getByRole('switch', { name: 'Record all calls: on' }).click({ force: true });
    await effect().getByText('The last call would have been decided otherwise.').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await dialog().getByRole('button', { name: 'Switch off' }).click();
    await rule.getByText('Switched off.').waitFor();
  });

  it('takes a change back right after it was saved', async () => {
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Taken back.').waitFor();
    await page.getByText('All calls are recorded automatically.').waitFor();
    await page.getByRole('switch', { name: 'Record all calls: on' }).click({ force: true });
    await dialog().getByRole('button', { name: 'Switch off' }).click();
    await page.getByText(/^Switched off\./).waitFor();
    const { items } = await server.api<{ items: { value: unknown }[] }>('GET', '/accounts/main/rules');
    expect(items).toMatchObject([{ value: { isOn: false } }]);
  });

  it('lets an administrator make a user and a rule, and reads the rule to him while he makes it', async () => {
    await go('/accounts/main/users', 'Users');
    await page.getByRole('button', { name: 'New user' }).click();
    await dialog().getByLabel('First name').fill('Ada');
    await dialog().getByLabel('Last name').fill('Adams');
    await dialog().getByLabel('Extensions').fill(EXTENSION);
    expect(await axeViolations(page)).toEqual([]);
    await dialog().getByRole('button', { name: 'Save' }).click();
    await page.getByRole('link', { name: 'Ada Adams' }).waitFor();
    await go('/accounts/main/rules', 'Rules');
    await page.getByRole('button', { name: 'New rule' }).click();
    await dialog().getByLabel('Description').fill('Calls with customers');
    await dialog().getByLabel('The other party').selectOption('external');
    await expect
      .poll(() => dialog().getByTestId('meaning').innerText())
      .toContain('Calls with people outside are recorded automatically.');
    expect(await axeViolations(page)).toEqual([]);
    await dialog().getByRole('button', { name: 'Save' }).click();
    await page.getByRole('link', { name: 'Calls with customers' }).waitFor();
  });

  it('decides a made-up call and a real one alike: recorded, by this rule', async () => {
    expect(await verdictOfMadeUpCall()).toContain('Recorded');
    const said = page.getByRole('row').filter({ hasText: 'Calls with customers' });
    await said.waitFor();
    const why = await said.getByRole('cell').last().innerText();
    await server.cli('call', '--seconds', '2');
    const call = await journal(2, 1);
    expect(call.verdict).toBe('record');
    expect(call.recordings).toHaveLength(1);
    await page.goto(`${server.url}/calls/${call.id}`);
    await page.getByRole('row').filter({ hasText: 'Calls with customers' }).getByText(why).waitFor();
    await page.getByRole('link', { name: /^Recording 2/ }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
  });

  it('pauses, stops and starts a running call by its buttons, and shows the parts and the pause afterwards', async () => {
    await go('/calls/live', 'Live calls');
    const placed = server.cli('call', '--seconds', '20');
    const call = page.getByRole('listitem').filter({ hasText: 'Ada Adams' });
    await call.getByRole('button', { name: 'Pause', exact: true }).click();
    await call.getByText('Paused').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await call.getByRole('button', { name: 'Go on' }).click();
    await call.getByText('Paused').waitFor({ state: 'detached' });
    await call.getByRole('button', { name: 'Stop', exact: true }).click();
    await call.getByRole('button', { name: 'Record', exact: true }).click();
    await call.getByText('By hand, Alice Example').waitFor();
    await placed;
    const { id } = await journal(3, 2);
    await page.goto(`${server.url}/calls/${id}`);
    await page.getByRole('link', { name: /part 1 of 2/ }).click();
    await page.getByRole('heading', { name: '1 pause' }).waitFor();
    await page.getByText('Part 1 of 2, this one').waitFor();
    await page.getByRole('link', { name: 'Part 2 of 2' }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
  });

  it('decides both alike again when the rule is off: not recorded, and the journal says why', async () => {
    await go('/accounts/main/rules', 'Rules');
    await page.getByRole('link', { name: 'Calls with customers' }).click();
    await dialog().getByRole('switch', { name: 'On' }).click({ force: true });
    await effect()
      .getByText(/would have been decided otherwise/)
      .waitFor();
    await dialog().getByRole('button', { name: 'Save' }).click();
    await dialog().waitFor({ state: 'detached' });
    expect(await verdictOfMadeUpCall()).toContain('Not recorded');
    await server.cli('call', '--seconds', '2');
    const call = await journal(4);
    expect(call.verdict).toBe('ignore');
    expect(call.recordings).toEqual([]);
    await go('/calls', 'Calls');
    const rows = page.getByRole('table', { name: 'Calls, newest first' }).getByRole('row');
    await rows.nth(1).getByText('Not recorded').waitFor();
    expect(await rows.nth(2).getByRole('link', { name: /^REC/ }).count()).toBe(1);
  });

  it('shows in the matrix where a value comes from, and is changed by keyboard', async () => {
    await go('/accounts/main/matrix', 'Users & devices');
    const cell = (row: string): Locator =>
      page.getByRole('button', { name: new RegExp(`^${row}, incoming, external`) });
    await cell('Ada Adams').getByText('not set').waitFor();
    await cell('All users').focus();
    await page.keyboard.press('Space');
    await cell('Ada Adams').getByText('by all users').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await page.keyboard.press('Space');
    expect(await cell('Ada Adams').innerText()).toMatch(/Off\s+set here/);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The switches are saved.').waitFor();
    const { items } = await server.api<{ items: { value: { endpoints?: unknown } }[] }>('GET', '/accounts/main/users');
    expect(items[0]?.value.endpoints).toEqual({ inboundExternal: 'off' });
  });

  it('does not overwrite switches that somebody else has set since they were shown', async () => {
    await go('/accounts/main/matrix', 'Users & devices');
    await page.getByRole('button', { name: /^All users, outgoing, external/ }).click();
    const account = await server.api<{ revision: number; policy: { endpoints: object } }>('GET', '/accounts/main');
    const endpoints = { ...account.policy.endpoints, inboundInternal: 'on' };
    await server.api('PUT', '/accounts/main', {
      revision: account.revision,
      policy: { ...account.policy, endpoints },
    });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/has changed the switches of Main meanwhile/).waitFor();
    expect(await server.api('GET', '/accounts/main')).toMatchObject({ policy: { endpoints } });
  });

  it('shows what a CSV file would change before it is applied, and which line is wrong', async () => {
    await go('/accounts/main/imports', 'Import');
    await page
      .getByLabel('The lines')
      .fill('userName,firstName,lastName,extensions\nbob,Bob,Baker,2101\ncarol,Carol,,\n');
    await page.getByRole('button', { name: 'See what would change' }).first().click();
    await page.getByText('2 new, 0 changed, 0 deleted').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('Done: 2 new').waitFor();
    await page.getByLabel('The lines').fill('userName,firstName,lastName,mailNotify\ndan,Dan,Davis,perhaps\n');
    await page.getByRole('button', { name: 'See what would change' }).first().click();
    await page.getByText(/nothing was changed/).waitFor();
    const { items } = await server.api<{ items: { name: string }[] }>('GET', '/accounts/main/users');
    expect(items.map(({ name }) => name).toSorted()).toEqual(['Ada Adams', 'Bob Baker', 'Carol']);
  });

  it('tells the second of two administrators, and puts his change on top of the first one’s', async () => {
    await go('/accounts/main/users', 'Users');
    await page.getByRole('link', { name: 'Ada Adams' }).click();
    await dialog().getByLabel('Department').fill('Sales');
    const { items } = await server.api<{ items: { id: string; revision: number; value: Record<string, unknown> }[] }>(
      'GET',
      '/accounts/main/users',
    );
    const ada = items.find(({ value }) => value['firstName'] === 'Ada');
    await server.api('PUT', `/accounts/main/users/${ada!.id}`, {
      revision: ada!.revision,
      value: { ...ada!.value, language: 'de' },
    });
    await dialog().getByRole('button', { name: 'Save' }).click();
    await dialog().getByRole('heading', { name: 'What they changed' }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await dialog().getByRole('button', { name: 'Apply mine on top' }).click();
    await dialog().waitFor({ state: 'detached' });
    const after = await server.api<{ value: Record<string, unknown> }>('GET', `/accounts/main/users/${ada!.id}`);
    expect(after.value).toMatchObject({ department: 'Sales', language: 'de' });
  });

  it('invites a user, who sees his own calls and switches only', async () => {
    await go('/settings/people', 'People');
    await page.getByRole('button', { name: 'Invite a person' }).click();
    await dialog().getByLabel('Name', { exact: true }).fill('Ada Adams');
    await dialog().getByLabel('Login').fill('ada');
    await dialog().getByLabel('Level').selectOption('user');
    await dialog().getByLabel('Which user').click();
    await page.getByRole('option', { name: 'Ada Adams' }).click();
    await dialog().getByRole('button', { name: 'Invite' }).click();
    const link = await page.getByTestId('invitation').innerText();
    const hers = await browser.newContext({ viewport: DESKTOP, locale: 'en-GB' });
    const ada = await hers.newPage();
    await ada.goto(link);
    await ada.locator('input[name=password]').fill('quite other words');
    await ada.getByLabel('The same again').fill('quite other words');
    expect(await axeViolations(ada)).toEqual([]);
    await ada.getByRole('button', { name: /Set password/ }).click();
    await ada.getByRole('link', { name: 'My recording' }).click();
    await ada.getByRole('heading', { level: 1, name: 'My recording' }).waitFor();
    expect(await axeViolations(ada)).toEqual([]);
    expect(await ada.getByRole('link', { name: 'Rules & people' }).count()).toBe(0);
    await ada.getByRole('switch', { name: 'Incoming external calls' }).click({ force: true });
    await ada.getByText('Your own choice').waitFor();
    await ada.goto(`${server.url}/calls/live`);
    await ada.getByRole('heading', { level: 1, name: 'My call' }).waitFor();
    await hers.close();
  });

  it.each([
    ['/accounts/main/rules', 'Rules'],
    ['/accounts/main/matrix', 'Users & devices'],
    ['/accounts/main/numbers', 'Numbers'],
    ['/accounts/main/queues', 'Queues'],
    ['/accounts/main/filters', 'Filters'],
    ['/accounts/main/account', 'By hand, pause, keeping'],
    ['/accounts/main/explain', 'Try a call'],
    ['/accounts/main/history', 'History'],
    ['/accounts/main/users', 'Users'],
    ['/accounts/main/devices', 'Devices'],
    ['/accounts/main/roles', 'Roles'],
    ['/accounts/main/teams', 'Teams'],
    ['/accounts/main/groups', 'Groups'],
    ['/accounts/main/imports', 'Import'],
    ['/calls', 'Calls'],
    ['/calls/live', 'Live calls'],
    ['/settings/people', 'People'],
    ['/settings/accounts', 'Accounts'],
    ['/settings/trunks', 'Trunks'],
  ])('has nothing for axe to find on %s, in light and dark, at desktop and phone width', async (path, heading) => {
    for (const size of [DESKTOP, PHONE]) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
      await go(path, heading);
      await page.locator('[role="status"][aria-label^="Loading"]').waitFor({ state: 'detached' });
      for (const scheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        expect(await axeViolations(page), `${scheme} at ${size.width}`).toEqual([]);
      }
      expect(
        await page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth'),
        'no sideways scrolling',
      ).toBe(true);
    }
    await page.setViewportSize(DESKTOP);
  });

  it('had nothing to complain of on the console', () => {
    // The browser notes the 409 of the conflict, the 401 by which the client learns that nobody is signed in, and that there is no
    // directory server yet.
    const isMeant = (text: string): boolean => /\b(401|403|409)\b/.test(text) || /404.*\/imports\/ldap/.test(text);
    expect(complaints.filter((text) => !isMeant(text))).toEqual([]);
  });
});
