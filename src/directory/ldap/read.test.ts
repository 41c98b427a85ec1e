import { createServer, type Server, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { LdapValue } from '../port.ts';
import { LdapHosts } from './hosts.ts';
import { allMembers, readLdap } from './read.ts';

let server: Server | undefined;
afterEach(() => server?.close());

/** A server that never comes to the end of its answer. */
async function endless(): Promise<LdapValue> {
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    // An LDAP message of two gigabytes, as far as its length tells.
    socket.write(Buffer.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff]));
    const timer = setInterval(() => socket.write(Buffer.alloc(10_000)), 20);
    socket.on('close', () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `ldap://127.0.0.1:${port}`,
    startTls: false,
    baseDn: 'dc=example,dc=com',
    type: 'openldap',
    bindDn: 'cn=reader',
  };
}

describe('reading a directory server', () => {
  it('ends a connection that says too much', async () => {
    const limits = { entries: 10, bytes: 50_000, seconds: 60 };
    const reading = readLdap(await endless(), 'secret', new LdapHosts(['127.0.0.1']), limits);
    await expect(reading).rejects.toThrow(/more than could be meant/);
  });

  it('ends a connection that takes too long', async () => {
    const limits = { entries: 10, bytes: 1e9, seconds: 0 };
    const reading = readLdap(await endless(), 'secret', new LdapHosts(['127.0.0.1']), limits);
    await expect(reading).rejects.toThrow(/longer than 0 s/);
  });

  it('does not open a socket to this machine unless the operator allows it', async () => {
    let calls = 0;
    const connection = await endless();
    server?.on('connection', () => (calls += 1));
    await expect(readLdap(connection, null, new LdapHosts([]))).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
    const { port } = new URL(connection.url);
    // A name by which localhost is meant, and that no list can hold.
    const disguised = { ...connection, url: `ldap://127.1:${port}` };
    await expect(readLdap(disguised, null, new LdapHosts([]))).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
    expect(calls).toBe(0);
  });

  it('does not ask for ever for the members of a group', async () => {
    const piece = (first: number, last: number) => ({ dn: 'cn=all', [`member;range=${first}-${last}`]: ['cn=one'] });
    await expect(allMembers(piece(0, 1), 'member', async () => piece(0, 1))).rejects.toThrow(/completely/);
    let next = 0;
    const more = async () => piece((next += 2), next + 1);
    await expect(allMembers(piece(0, 1), 'member', more, 20)).rejects.toThrow(/more than 20 members/);
  });
});
