import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { Client, type Entry } from 'ldapts';
import { EarshotError, messageOf } from '../../base/errors.ts';
import type { LdapField, LdapValue } from '../port.ts';
import { type LdapQuery, queryOf } from './attributes.ts';
import { hostOf, type LdapHosts } from './hosts.ts';

/** All that a directory server says of the people we ask for. */
export interface LdapAnswer {
  readonly people: readonly LdapPerson[];
  readonly groups: readonly LdapGroup[];
  readonly warnings: readonly string[];
}

export interface LdapPerson {
  readonly dn: string;
  /** What never changes, as text. */
  readonly key: string;
  /** Values by field; an attribute that is asked for and not there is an empty list. */
  readonly values: Partial<Readonly<Record<LdapField, readonly string[]>>>;
}

export interface LdapGroup {
  readonly dn: string;
  readonly name: string;
  readonly memberDns: readonly string[];
}

const CONNECT_MS = 10_000;
const ANSWER_MS = 60_000;

/** What one reading may take: an account names the server, and it must not be able to fill the memory of all. */
interface LdapLimits {
  /** Of each search, and members of one group. */
  readonly entries: number;
  readonly bytes: number;
  readonly seconds: number;
}

const LIMITS: LdapLimits = { entries: 200_000, bytes: 512 * 1024 * 1024, seconds: 900 };

/**
 * Asks everything on one connection and as one person: a connection that breaks in the middle ends the reading, so that no half answer
 * is taken for the whole.
 * @throws EarshotError NOT_ALLOWED for a host that may not be asked; UNAVAILABLE with the server's reason
 */
export async function readLdap(
  connection: LdapValue,
  password: string | null,
  hosts: LdapHosts,
  limits = LIMITS,
): Promise<LdapAnswer> {
  hosts.check(connection.url);
  const query = queryOf(connection);
  const watch = new Watch(limits);
  const client = clientOf(connection, hosts, watch);
  try {
    if (connection.url.startsWith('ldap:') && connection.startTls !== false)
      await client.startTLS(tlsOptions(connection));
    if (connection.bindDn !== undefined) await client.bind(connection.bindDn, password ?? '');
    const warnings: string[] = [];
    const people = await readPeople(client, query, limits, warnings);
    const groups = await readGroups(client, query, limits, warnings);
    return { people, groups, warnings };
  } catch (error) {
    if (error instanceof EarshotError) throw error;
    throw new EarshotError('UNAVAILABLE', `${connection.url}: ${watch.reason ?? reasonOf(error)}`, {
      remedy: 'Check address, encryption, bind DN, password, base DN and filter of the connection.',
      cause: error,
    });
  } finally {
    watch.close();
    await client.unbind().catch(() => undefined);
  }
}

/** Ends a connection that says too much, or takes too long over it. */
class Watch {
  readonly #limits: LdapLimits;
  #timer: NodeJS.Timeout | undefined;
  reason: string | null = null;

  constructor(limits: LdapLimits) {
    this.#limits = limits;
  }

  over<T extends Socket>(socket: T): T {
    const { bytes, seconds } = this.#limits;
    let looks = 0;
    this.#timer = setInterval(() => {
      looks += 1;
      if (socket.bytesRead > bytes) this.reason = 'the server says more than could be meant.';
      else if (looks > seconds) this.reason = `the server took longer than ${seconds} s.`;
      if (this.reason !== null) socket.destroy();
    }, 1000).unref();
    return socket;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

/** One connection and no other: ldapts would come back by itself after a loss, as nobody. */
function clientOf(connection: LdapValue, hosts: LdapHosts, watch: Watch): Client {
  let isUsed = false;
  const once = (host: string): void => {
    if (isUsed) throw new Error('the connection was lost before the answer was complete');
    isUsed = true;
    hosts.checkHost(host);
  };
  const { lookup } = hosts;
  const isSecure = connection.url.startsWith('ldaps:');
  return new Client({
    url: connection.url,
    connectTimeout: CONNECT_MS,
    timeout: ANSWER_MS,
    strictDN: false,
    // Given for ldap:// as well, they would mean TLS from the first byte.
    ...(isSecure ? { tlsOptions: tlsOptions(connection) } : {}),
    createConnection: ((port: number, host: string) => {
      once(host);
      return watch.over(connectTcp({ port, host, lookup }));
    }) as typeof connectTcp,
    createSecureConnection: ((port: number | ConnectionOptions, host: string, options: ConnectionOptions) => {
      // STARTTLS wraps the connection that is there.
      if (typeof port === 'object') return connectTls(port);
      once(host);
      return watch.over(connectTls({ ...options, port, host, lookup }));
    }) as typeof connectTls,
  });
}

function tlsOptions({ url, ca }: LdapValue) {
  const host = hostOf(url);
  return {
    minVersion: 'TLSv1.2' as const,
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
  };
}

async function search(
  client: Client,
  baseDn: string,
  options: { filter: string; attributes: readonly string[]; pageSize: number; most: number },
  warnings: string[],
): Promise<Entry[]> {
  const entries: Entry[] = [];
  const pages = client.searchPaginated(baseDn, {
    scope: 'sub',
    filter: options.filter,
    attributes: [...options.attributes],
    explicitBufferAttributes: ['objectGUID', 'objectSid'],
    paged: { pageSize: options.pageSize },
  });
  const elsewhere = new Set<string>();
  for await (const { searchEntries, searchReferences } of pages) {
    for (const entry of searchEntries) entries.push(entry);
    if (entries.length > options.most) throw tooMany(`${baseDn} has more than ${options.most} entries`);
    for (const reference of searchReferences) elsewhere.add(reference);
  }
  if (elsewhere.size > 0)
    warnings.push(`Parts of ${baseDn} are kept by other servers, which were not asked: ${[...elsewhere].join(', ')}`);
  return entries;
}

function tooMany(what: string): EarshotError {
  return new EarshotError('UNAVAILABLE', `${what}.`, { remedy: 'Name a base DN or a filter with fewer.' });
}

async function readPeople(
  client: Client,
  query: LdapQuery,
  limits: LdapLimits,
  warnings: string[],
): Promise<LdapPerson[]> {
  const { baseDn, filter, attributes, pageSize } = query;
  const asked = Object.entries(attributes) as [LdapField, string][];
  const entries = await search(
    client,
    baseDn,
    {
      filter,
      attributes: [...new Set([...asked.map(([, attribute]) => attribute), 'cn'])],
      pageSize,
      most: limits.entries,
    },
    warnings,
  );
  return entries.map((entry) => {
    const key = valuesOf(entry, attributes.key)[0];
    if (key === undefined) {
      throw new EarshotError('UNAVAILABLE', `${entry.dn} has no ${attributes.key}, by which it would be known again.`, {
        key: 'attributes.key',
        remedy: 'Name an attribute that everybody has and that never changes.',
      });
    }
    const values: Partial<Record<LdapField, readonly string[]>> = {};
    for (const [field, attribute] of asked) values[field] = valuesOf(entry, attribute);
    const isNameless = (values.firstName ?? []).length + (values.lastName ?? []).length === 0;
    if (isNameless) values.lastName = [...valuesOf(entry, 'cn'), ...(values.userName ?? []), key].slice(0, 1);
    return { dn: entry.dn, key, values };
  });
}

async function readGroups(
  client: Client,
  query: LdapQuery,
  limits: LdapLimits,
  warnings: string[],
): Promise<LdapGroup[]> {
  const { groups, pageSize } = query;
  if (groups === null) return [];
  const { baseDn, filter, name, member } = groups;
  const entries = await search(
    client,
    baseDn,
    { filter, attributes: [name, member], pageSize, most: limits.entries },
    warnings,
  );
  const read: LdapGroup[] = [];
  for (const entry of entries) {
    const [groupName] = valuesOf(entry, name);
    if (groupName === undefined) continue;
    const memberDns = await allMembers(
      entry,
      member,
      (attribute) => again(client, entry.dn, attribute),
      limits.entries,
    );
    read.push({ dn: plainDn(entry.dn), name: groupName, memberDns: memberDns.map(plainDn) });
  }
  return read.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function again(client: Client, dn: string, attribute: string): Promise<Entry | undefined> {
  const { searchEntries } = await client.search(dn, { scope: 'base', attributes: [attribute] });
  return searchEntries[0];
}

/** Active Directory gives long lists piece by piece: `member;range=0-1499` ([MS-ADTS] §3.1.1.3.1.3.3). */
export async function allMembers(
  entry: Entry,
  member: string,
  read: (attribute: string) => Promise<Entry | undefined>,
  most = LIMITS.entries,
): Promise<string[]> {
  const members = valuesOf(entry, member);
  let piece: Entry | undefined = entry;
  let last = -1;
  while (piece !== undefined) {
    const range = rangeOf(piece, member);
    if (range === null) return members;
    members.push(...valuesOf(piece, range.attribute));
    if (members.length > most) throw tooMany(`${entry.dn} has more than ${most} members`);
    if (range.last === null) return members;
    // A server that gives the same again would be asked for ever.
    if (range.last <= last) break;
    last = range.last;
    piece = await read(`${member};range=${range.last + 1}-*`);
  }
  throw new Error(`the members of ${entry.dn} were not given completely`);
}

function rangeOf(entry: Entry, member: string): { attribute: string; last: number | null } | null {
  for (const attribute of Object.keys(entry)) {
    const match = /^(.+);range=\d+-(\d+|\*)$/i.exec(attribute);
    if (match?.[1]?.toLowerCase() !== member.toLowerCase()) continue;
    return { attribute, last: match[2] === '*' ? null : Number(match[2]) };
  }
  return null;
}

/** Attributes are found whatever their letter case; binary ones as hexadecimal digits. */
function valuesOf(entry: Entry, attribute: string): string[] {
  const name = Object.keys(entry).find((key) => key.toLowerCase() === attribute.toLowerCase());
  if (name === undefined) return [];
  const value = entry[name];
  const values = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return values
    .map((one) => (typeof one === 'string' ? one.trim() : Buffer.from(one).toString('hex')))
    .filter((text) => text !== '');
}

/** DNs are compared without regard to letter case and blanks around commas. */
export function plainDn(dn: string): string {
  return dn.toLowerCase().replaceAll(/\s*,\s*/g, ',');
}

/** Result codes of RFC 4511 appendix A that administrators meet. */
const CODES: Readonly<Record<number, string>> = {
  4: 'the server gives no more entries than its size limit; set a smaller page size',
  8: 'the server demands an encrypted connection',
  11: 'the server takes no pages of this size; set a smaller page size',
  13: 'the server demands an encrypted connection',
  32: 'the base DN is not there, or may not be read by the bind DN',
  34: 'a DN is not written as DNs are',
  48: 'the server does not let anybody in without a password',
  49: 'bind DN or password is wrong',
  50: 'the bind DN may not read this',
};

function reasonOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  const known = typeof code === 'number' ? CODES[code] : undefined;
  const text = (messageOf(error).split('\n', 1)[0] ?? '').trim();
  const words = known === undefined ? text : `${known} (${text})`;
  return words.endsWith('.') ? words : `${words}.`;
}
