import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Client, type Entry } from 'ldapts';
import { EarshotError, messageOf } from '../../base/errors.ts';
import type { LdapField, LdapValue } from '../port.ts';
import { type LdapQuery, queryOf } from './attributes.ts';

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

/**
 * Asks everything on one connection and as one person: a connection that breaks in the middle ends the reading, so that no half answer
 * is taken for the whole.
 * @throws EarshotError UNAVAILABLE with the server's reason
 */
export async function readLdap(connection: LdapValue, password: string | null): Promise<LdapAnswer> {
  const query = queryOf(connection);
  const client = clientOf(connection);
  try {
    if (connection.url.startsWith('ldap:') && connection.startTls !== false)
      await client.startTLS(tlsOptions(connection));
    if (connection.bindDn !== undefined) await client.bind(connection.bindDn, password ?? '');
    const warnings: string[] = [];
    const people = await readPeople(client, query, warnings);
    const groups = await readGroups(client, query, warnings);
    return { people, groups, warnings };
  } catch (error) {
    if (error instanceof EarshotError) throw error;
    throw new EarshotError('UNAVAILABLE', `${connection.url}: ${reasonOf(error)}`, {
      remedy: 'Check address, encryption, bind DN, password, base DN and filter of the connection.',
      cause: error,
    });
  } finally {
    await client.unbind().catch(() => undefined);
  }
}

/** One connection and no other: ldapts would come back by itself after a loss, as nobody. */
function clientOf(connection: LdapValue): Client {
  let isUsed = false;
  const once = (): void => {
    if (isUsed) throw new Error('the connection was lost before the answer was complete');
    isUsed = true;
  };
  const isSecure = connection.url.startsWith('ldaps:');
  return new Client({
    url: connection.url,
    connectTimeout: CONNECT_MS,
    timeout: ANSWER_MS,
    strictDN: false,
    // Given for ldap:// as well, they would mean TLS from the first byte.
    ...(isSecure ? { tlsOptions: tlsOptions(connection) } : {}),
    createConnection: ((...parameters: Parameters<typeof connectTcp>) => {
      once();
      return connectTcp(...parameters);
    }) as typeof connectTcp,
    createSecureConnection: ((...parameters: Parameters<typeof connectTls>) => {
      // STARTTLS wraps the connection that is there.
      if (isSecure) once();
      return connectTls(...parameters);
    }) as typeof connectTls,
  });
}

function tlsOptions({ url, ca }: LdapValue) {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
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
  options: { filter: string; attributes: readonly string[]; pageSize: number },
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
    for (const reference of searchReferences) elsewhere.add(reference);
  }
  if (elsewhere.size > 0)
    warnings.push(`Parts of ${baseDn} are kept by other servers, which were not asked: ${[...elsewhere].join(', ')}`);
  return entries;
}

async function readPeople(client: Client, query: LdapQuery, warnings: string[]): Promise<LdapPerson[]> {
  const { baseDn, filter, attributes, pageSize } = query;
  const asked = Object.entries(attributes) as [LdapField, string][];
  const entries = await search(
    client,
    baseDn,
    { filter, attributes: [...new Set([...asked.map(([, attribute]) => attribute), 'cn'])], pageSize },
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

async function readGroups(client: Client, query: LdapQuery, warnings: string[]): Promise<LdapGroup[]> {
  const { groups, pageSize } = query;
  if (groups === null) return [];
  const { baseDn, filter, name, member } = groups;
  const entries = await search(client, baseDn, { filter, attributes: [name, member], pageSize }, warnings);
  const read: LdapGroup[] = [];
  for (const entry of entries) {
    const [groupName] = valuesOf(entry, name);
    if (groupName === undefined) continue;
    const memberDns = await allMembers(entry, member, (attribute) => again(client, entry.dn, attribute));
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
): Promise<string[]> {
  const members = valuesOf(entry, member);
  let piece: Entry | undefined = entry;
  while (piece !== undefined) {
    const range = rangeOf(piece, member);
    if (range === null) return members;
    members.push(...valuesOf(piece, range.attribute));
    if (range.last === null) return members;
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
