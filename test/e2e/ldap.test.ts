import { createServer, type Socket } from 'node:net';
import { Attribute, Change } from 'ldapts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { Imports } from '../../src/directory/imports.ts';
import type { LdapValue } from '../../src/directory/port.ts';
import { ALICE, openTestDirectory, person, type TestDirectory } from '../../src/directory/testing.ts';
import { BASE, groupLdif, GROUPS, PEOPLE, personLdif, READER, type Slapd, startSlapd } from './slapd.ts';

/** Synchronisation with a real directory server (F7): OpenLDAP with its own limits, over STARTTLS and LDAPS. */
const PORT = 35_000;
const CROWD = 1600;
/** Without it, nobody is asked on this machine. */
const HERE = ['127.0.0.1', 'localhost', 'other.example'];

let test: TestDirectory;
let slapd: Slapd;
let imports: Imports;
beforeAll(async () => {
  const crowd = Array.from({ length: CROWD }, (_, i) => personLdif(`u${i}`, { ou: 'crowd' })).join('');
  const team = personLdif('alice', { ou: 'team', telephoneNumber: '+49 30 555001', employeeNumber: '1001' });
  const others = personLdif('bob', { ou: 'team', employeeNumber: '1002' }) + personLdif('carol', { ou: 'team' });
  const more = personLdif('dave', { ou: 'team', telephoneNumber: 'n/a' });
  const groups = groupLdif('Sales', ['alice', 'bob']) + groupLdif('Support', ['bob', 'carol']);
  slapd = await startSlapd(PORT, crowd + team + others + more + groups);
  test = await openTestDirectory();
  imports = new Imports({ ...test.parts, log: silentLog, ldapHosts: HERE });
}, 120_000);
afterAll(async () => {
  await slapd.close();
  await test.close();
});

const connection = (more: Partial<LdapValue> = {}): LdapValue => ({
  url: slapd.url,
  ca: slapd.certificate,
  bindDn: READER.dn,
  baseDn: PEOPLE,
  filter: '(ou=team)',
  type: 'openldap',
  attributes: { extensions: 'employeeNumber' },
  ...more,
});

async function connected(more: Partial<LdapValue> = {}, password: string | null = READER.password): Promise<string> {
  const account = await test.account();
  await imports.saveLdapConnection(ALICE, account, 0, connection(more), password);
  return account;
}

const run = (account: string, more: { dryRun?: boolean; force?: boolean; adopt?: boolean } = {}) =>
  imports.runLdap(ALICE, account, { dryRun: false, force: false, adopt: false, ...more });
const users = async (account: string) => (await test.directory.list(account, 'users', { limit: 2000 })).items;
const named = async (account: string) => (await users(account)).map(({ name }) => name);

/** Changes the server and puts it back afterwards. */
async function meanwhile(dn: string, change: Change, back: Change, work: () => Promise<void>): Promise<void> {
  const client = await slapd.asRoot();
  try {
    await client.modify(dn, change);
    await work();
  } finally {
    await client.modify(dn, back);
    await client.unbind();
  }
}
const replace = (type: string, ...values: string[]) =>
  new Change({ operation: 'replace', modification: new Attribute({ type, values }) });

describe('a first synchronisation', () => {
  it('is shown, applied as shown, and the second time there is nothing to do', async () => {
    const account = await connected();
    const trial = await run(account, { dryRun: true });
    expect(trial).toMatchObject({ applied: false, errors: [], counts: { created: 4 } });
    expect(await users(account)).toEqual([]);
    expect(await run(account)).toMatchObject({ applied: true, counts: { created: 4 } });
    const [alice] = await users(account);
    expect(alice).toMatchObject({
      source: 'ldap',
      value: {
        firstName: 'alice',
        lastName: 'Example',
        userName: 'alice',
        extensions: ['1001'],
        aliases: ['+49 30 555001'],
        mail: { address: 'alice@example.com' },
      },
    });
    expect(await run(account)).toMatchObject({ changeId: null, counts: { created: 0, changed: 0, unchanged: 4 } });
    expect(await imports.ldapConnection(account)).toMatchObject({ hasPassword: true, lastRun: { ok: true } });
  });

  it('leaves out what cannot be a number, and says so', async () => {
    const account = await connected();
    expect((await run(account)).warnings.join()).toContain('"n/a" is not a number');
    expect(await named(account)).toContain('dave Example');
  });

  it('turns pages: more people than the server gives at once', async () => {
    const account = await connected({ filter: '(ou=crowd)', pageSize: 150 });
    expect(await run(account)).toMatchObject({ errors: [], counts: { created: CROWD } });
    expect(await run(account)).toMatchObject({ counts: { unchanged: CROWD, changed: 0 } });
  });

  it('adopts who was made by hand under the same name, with all that is set there', async () => {
    const account = await connected();
    const made = await test.add(
      account,
      'users',
      person('Alice', { userName: 'ALICE', department: 'Board', own: { inboundInternal: 'on' } }),
    );
    await run(account);
    expect(await test.directory.get(account, 'users', made.id)).toMatchObject({ source: null });
    expect((await run(account, { dryRun: true, adopt: true })).warnings[0]).toMatch(/given away.*alice Example/);
    await run(account, { adopt: true });
    const alice = await test.directory.get(account, 'users', made.id);
    expect(alice).toMatchObject({ source: 'ldap', value: { userName: 'alice', own: { inboundInternal: 'on' } } });
    expect(await users(account)).toHaveLength(4);
  });
});

describe('a later synchronisation', () => {
  it('follows who is renamed, also when the DN changes', async () => {
    const account = await connected();
    await run(account);
    const before = (await users(account)).find(({ value }) => value.userName === 'bob')!;
    const client = await slapd.asRoot();
    await client.modifyDN(`uid=bob,${PEOPLE}`, `uid=robert,${PEOPLE}`);
    await client.modify(`uid=robert,${PEOPLE}`, replace('sn', 'Sample'));
    const result = await run(account);
    await client.modify(`uid=robert,${PEOPLE}`, replace('sn', 'Example'));
    await client.modifyDN(`uid=robert,${PEOPLE}`, `uid=bob,${PEOPLE}`);
    await client.unbind();
    expect(result.counts).toMatchObject({ created: 0, changed: 1, deleted: 0 });
    expect(await test.directory.get(account, 'users', before.id)).toMatchObject({
      name: 'bob Sample',
      value: { userName: 'robert' },
    });
  });

  it('deletes who is gone, but not who was made by hand; undo brings him back', async () => {
    const account = await connected();
    await test.add(account, 'users', person('Hand'));
    await run(account);
    await meanwhile(`uid=carol,${PEOPLE}`, replace('ou', 'elsewhere'), replace('ou', 'team'), async () => {
      const { deleted, changeId } = await run(account);
      expect(deleted).toEqual([{ kind: 'users', name: 'carol Example' }]);
      expect(await named(account)).toEqual(['alice Example', 'bob Example', 'dave Example', 'Hand Example']);
      await test.directory.undo(ALICE, account, changeId!);
      expect(await named(account)).toContain('carol Example');
    });
  });

  it('that would delete more than a third is refused, until it is forced', async () => {
    const account = await connected();
    await run(account);
    const { revision } = (await imports.ldapConnection(account))!;
    await imports.saveLdapConnection(ALICE, account, revision, connection({ filter: '(uid=alice)' }), undefined);
    expect(await run(account)).toMatchObject({
      applied: false,
      errors: [{ message: expect.stringContaining('3 of the 4') }],
    });
    expect(await users(account)).toHaveLength(4);
    expect(await run(account, { force: true })).toMatchObject({ applied: true, counts: { deleted: 3 } });
  });
});

describe('groups of the server', () => {
  it('become teams of their members, and follow', async () => {
    const account = await connected({ groups: { baseDn: GROUPS, as: 'teams' } });
    await run(account);
    const teams = async () =>
      Promise.all(
        (await test.directory.list(account, 'teams', { limit: 9 })).items.map(async ({ name, value }) => [
          name,
          (
            await Promise.all(
              value.userIds.map(async (id) => (await test.directory.get(account, 'users', id))!.value.firstName),
            )
          ).sort(),
        ]),
      );
    expect(await teams()).toEqual([
      ['Sales', ['alice', 'bob']],
      ['Support', ['bob', 'carol']],
    ]);
    const member = (...uids: string[]) => replace('member', ...uids.map((uid) => `uid=${uid},${PEOPLE}`));
    await meanwhile(`cn=Sales,${GROUPS}`, member('dave'), member('alice', 'bob'), async () => {
      await run(account);
      expect(await teams()).toContainEqual(['Sales', ['dave']]);
    });
  });

  it('become recording groups: the first is his own, the others are additional', async () => {
    const account = await connected({ groups: { baseDn: GROUPS, as: 'groups' } });
    await run(account);
    const groups = new Map(
      (await test.directory.list(account, 'groups', { limit: 9 })).items.map(({ id, name }) => [id, name]),
    );
    const of = (uid: string, all: Awaited<ReturnType<typeof users>>) => {
      const { groupId = '', additionalGroupIds = [] } = all.find(({ value }) => value.userName === uid)!.value;
      return [groups.get(groupId), ...additionalGroupIds.map((id) => groups.get(id))];
    };
    const all = await users(account);
    expect([of('alice', all), of('bob', all), of('dave', all)]).toEqual([['Sales'], ['Sales', 'Support'], [undefined]]);
    expect(await run(account)).toMatchObject({ counts: { changed: 0 } });
  });
});

describe('the connection', () => {
  it('is encrypted by STARTTLS or LDAPS, and only with a certificate that is good', async () => {
    expect(await run(await connected({ url: slapd.secureUrl }), { dryRun: true })).toMatchObject({
      counts: { created: 4 },
    });
    for (const url of [slapd.url, slapd.secureUrl]) {
      const { ca: _, ...rest } = connection({ url });
      const account = await test.account();
      await imports.saveLdapConnection(ALICE, account, 0, rest, READER.password);
      const { applied, errors } = await run(account);
      expect([applied, errors[0]?.message]).toEqual([false, expect.stringMatching(/self-signed|certificate/)]);
    }
    expect(await run(await connected({ startTls: false }), { dryRun: true })).toMatchObject({ counts: { created: 4 } });
  });

  it('never gives its password away, neither to readers nor to the database, nor to another server', async () => {
    const account = await connected();
    expect(JSON.stringify(await imports.ldapConnection(account))).not.toContain(READER.password);
    const rows = await test.parts.db.selectFrom('platform_entries').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(READER.password);
    expect(JSON.stringify(await test.parts.db.selectFrom('audit').selectAll().execute())).not.toContain(
      READER.password,
    );
    const elsewhere = imports.saveLdapConnection(
      ALICE,
      account,
      1,
      connection({ url: 'ldaps://other.example' }),
      undefined,
    );
    await expect(elsewhere).rejects.toMatchObject({ code: 'BAD_REQUEST', key: 'password' });
  });

  it.each<[string, Partial<LdapValue>]>([
    ['value.url', { url: 'ldap://' }],
    ['value.startTls', { url: 'ldaps://localhost', startTls: true }],
    ['value.filter', { filter: '(ou=team' }],
    ['value.ca', { ca: 'a certificate' }],
    ['value.schedule', { schedule: 'at night' }],
  ])('is refused where %s makes no sense', async (key, more) => {
    const account = await test.account();
    const saving = imports.saveLdapConnection(ALICE, account, 0, connection(more), null);
    await expect(saving).rejects.toMatchObject({ code: 'BAD_REQUEST', key });
  });

  it.each<[string, Partial<LdapValue>, string | null, RegExp]>([
    ['a wrong password', {}, 'wrong', /bind DN or password is wrong/],
    ['a base that is not there', { baseDn: `ou=nobody,${BASE}` }, READER.password, /base DN is not there/],
    ['a server that does not answer', { url: `ldap://127.0.0.1:${PORT + 9}` }, READER.password, /ECONNREFUSED/],
    ['nobody who may read', { bindDn: `uid=alice,${PEOPLE}` }, '', /./],
  ])('%s changes nothing and is told', async (_what, more, password, message) => {
    const account = await connected();
    await run(account);
    const { revision } = (await imports.ldapConnection(account))!;
    await imports.saveLdapConnection(ALICE, account, revision, connection(more), password);
    const result = await run(account);
    expect(result).toMatchObject({ applied: false, errors: [{ message: expect.stringMatching(message) }] });
    expect(await users(account)).toHaveLength(4);
    expect(await imports.ldapConnection(account)).toMatchObject({ lastRun: { ok: false } });
    expect(imports.alarms.some(({ code }) => code === 'synchronisation-failing')).toBe(true);
  });

  it('that breaks in the middle of the answer changes nothing: half an answer is none', async () => {
    const proxy = await breakingProxy(PORT + 5, PORT, 60_000);
    const account = await connected({
      url: `ldap://127.0.0.1:${PORT + 5}`,
      startTls: false,
      filter: '(ou=crowd)',
      pageSize: 100,
    });
    const result = await run(account, { force: true });
    proxy.close();
    expect(proxy.connections()).toBe(1);
    expect(result).toMatchObject({ applied: false, errors: [expect.anything()] });
    expect(await users(account)).toEqual([]);
  });
});

describe('a schedule', () => {
  it('synchronises by itself, and tells by an alarm when that fails, until it works again', async () => {
    const clock = new VirtualClock(Date.UTC(2026, 2, 1, 2, 59, 50));
    const scheduled = new Imports({ ...test.parts, clock, log: silentLog, ldapHosts: HERE });
    const account = await connected({ schedule: '0 * * * *' });
    await scheduled.start();
    const { name } = (await test.directory.account(account))!;
    const isFailing = () => scheduled.alarms.some(({ text }) => text.includes(`users of ${name} could not`));
    // The next look is waited for only when the last one is over, so that time goes on in small steps.
    const due = async (ms: number, done: () => Promise<boolean>) => {
      clock.advance(ms);
      const look = async () => {
        clock.advance(20_000);
        return done();
      };
      await expect.poll(look, { timeout: 20_000 }).toBe(true);
    };
    await due(30_000, async () => (await users(account)).length === 4);
    await slapd.stop();
    await due(3_600_000, async () => isFailing());
    expect(await users(account)).toHaveLength(4);
    await slapd.start();
    await due(3_600_000, async () => !isFailing());
    await scheduled.stop();
    expect((await test.directory.history(account, { limit: 1 })).items[0]).toMatchObject({
      kind: 'sync',
      actorName: 'schedule',
    });
  });
});

/** Hands bytes on, and cuts the connection after so many of the answer. */
async function breakingProxy(port: number, to: number, bytes: number) {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((near) => {
    connections += 1;
    let left = bytes;
    const { connect } = process.getBuiltinModule('node:net');
    const far = connect(to, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    near.pipe(far);
    far.on('data', (data: Buffer) => {
      left -= data.length;
      if (left > 0) near.write(data);
      else {
        near.destroy();
        far.destroy();
      }
    });
  });
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
  return {
    connections: () => connections,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
