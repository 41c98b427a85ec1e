import { describe, expect, it } from 'vitest';
import type { LookupAddress } from 'node:dns';
import { LdapHosts } from './hosts.ts';

/** Names as a name server that belongs to somebody else would tell them. */
const NAMES: Record<string, string[]> = {
  'directory.example.com': ['192.0.2.10'],
  'here.example.com': ['127.0.0.1'],
  'both.example.com': ['169.254.169.254', '192.0.2.11'],
  'inner.example.com': ['10.0.0.5'],
  '127.1': ['127.0.0.1'],
};

function hosts(...allowed: string[]): LdapHosts {
  return new LdapHosts(allowed, (name, _options, found) =>
    found(
      null,
      (NAMES[name] ?? []).map((address): LookupAddress => ({ address, family: 4 })),
    ),
  );
}

/** The addresses that a socket would be opened to. */
function reached(allowed: LdapHosts, url: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    allowed.check(url);
    allowed.lookup(new URL(url).hostname, { all: true }, (error, found) =>
      error === null ? resolve((found as LookupAddress[]).map(({ address }) => address)) : reject(error),
    );
  });
}

describe('hosts of directory servers', () => {
  it.each([
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '169.254.169.254',
    '100.100.100.200',
    '255.255.255.255',
    '[::1]',
    '[::]',
    '[fe80::1]',
    '[fd00:ec2::254]',
    '[::ffff:127.0.0.1]',
    '[64:ff9b::7f00:1]',
  ])('are never %s by default', (host) => {
    expect(() => hosts().check(`ldap://${host}:5432`)).toThrow(/directory servers/);
  });

  it.each(['10.0.0.5', '192.168.1.10', '192.0.2.10', '[2001:db8::5]', 'directory.example.com'])(
    'may be %s by default',
    (host) => {
      expect(() => hosts().check(`ldaps://${host}`)).not.toThrow();
    },
  );

  it('are judged by the address that a name stands for when the socket opens', async () => {
    await expect(reached(hosts(), 'ldap://here.example.com')).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
    await expect(reached(hosts(), 'ldap://127.1')).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
    expect(await reached(hosts(), 'ldap://both.example.com')).toEqual(['192.0.2.11']);
    expect(await reached(hosts(), 'ldap://directory.example.com')).toEqual(['192.0.2.10']);
  });

  it('are those of the setting alone, once it names some', async () => {
    const allowed = hosts('Directory.example.com', '10.0.0.0/24', '127.0.0.1');
    expect(await reached(allowed, 'ldap://directory.example.com')).toEqual(['192.0.2.10']);
    expect(await reached(allowed, 'ldap://inner.example.com')).toEqual(['10.0.0.5']);
    expect(() => allowed.check('ldap://127.0.0.1')).not.toThrow();
    expect(() => allowed.check('ldap://192.0.2.10')).toThrow(/directory servers/);
    await expect(reached(allowed, 'ldap://both.example.com')).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
    expect(() => hosts('directory.example.com').check('ldap://other.example.com')).toThrow(/directory servers/);
  });
});
