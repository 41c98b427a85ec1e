import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'ldapts';
import { makeServerCertificate } from '../../src/seal/certificate.ts';

export const BASE = 'dc=example,dc=com';
export const PEOPLE = `ou=people,${BASE}`;
export const GROUPS = `ou=groups,${BASE}`;
const ROOT = { dn: `cn=root,${BASE}`, password: 'root of the tests' };
/** Who reads: bound to the server's size limits, as the root is not. */
export const READER = { dn: `cn=reader,${BASE}`, password: 'reader of the tests' };
/** The server gives no more at once, so that whoever does not turn pages sees only so many. */
const SIZE_LIMIT = 200;

/** A real OpenLDAP server of its own with these people and groups. */
export interface Slapd {
  readonly url: string;
  readonly secureUrl: string;
  /** PEM of the certificate that it shows. */
  readonly certificate: string;
  /** A client as the server's root, to change what is there. */
  asRoot(): Promise<Client>;
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function startSlapd(port: number, ldif: string): Promise<Slapd> {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-slapd-'));
  const { certificate, key } = await makeServerCertificate(['localhost', '127.0.0.1'], { now: Date.now() });
  mkdirSync(join(folder, 'db'));
  writeFileSync(join(folder, 'certificate.pem'), certificate);
  writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 });
  writeFileSync(join(folder, 'slapd.conf'), configuration(folder));
  writeFileSync(join(folder, 'people.ldif'), `${TREE}${ldif}`);
  const added = spawnSync('/usr/sbin/slapadd', [
    '-q',
    '-f',
    join(folder, 'slapd.conf'),
    '-l',
    join(folder, 'people.ldif'),
  ]);
  if (added.status !== 0) throw new Error(`slapadd: ${added.stderr.toString()}`);
  const url = `ldap://127.0.0.1:${port}`;
  const secureUrl = `ldaps://localhost:${port + 1}`;
  let child: ChildProcess | undefined;
  const server: Slapd = {
    url,
    secureUrl,
    certificate,
    async asRoot() {
      const client = new Client({ url });
      await client.bind(ROOT.dn, ROOT.password);
      return client;
    },
    async start() {
      // `-d 0` keeps it in the foreground.
      const started = spawn(
        '/usr/sbin/slapd',
        ['-d', '0', '-f', join(folder, 'slapd.conf'), '-h', `${url} ${secureUrl}`],
        {
          stdio: 'ignore',
        },
      );
      child = started;
      while (!(await answers(port))) {
        if (started.exitCode !== null) throw new Error(`slapd ended with ${started.exitCode}`);
        await new Promise((resolve) => void setTimeout(resolve, 50));
      }
    },
    async stop() {
      if (child === undefined || child.exitCode !== null) return;
      const ended = new Promise((resolve) => child?.once('exit', resolve));
      child.kill();
      await ended;
    },
    async close() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function configuration(folder: string): string {
  return `
modulepath /usr/lib/ldap
moduleload back_mdb
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile ${folder}/slapd.pid
TLSCertificateFile ${folder}/certificate.pem
TLSCertificateKeyFile ${folder}/key.pem
sizelimit size.soft=${SIZE_LIMIT} size.hard=${SIZE_LIMIT} size.pr=${SIZE_LIMIT} size.prtotal=unlimited
database mdb
suffix "${BASE}"
rootdn "${ROOT.dn}"
rootpw "${ROOT.password}"
directory ${folder}/db
maxsize 104857600
dbnosync
access to attrs=userPassword by anonymous auth by * none
access to * by dn="${READER.dn}" read by * none
`;
}

const TREE = `dn: ${BASE}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ${READER.dn}
objectClass: person
cn: reader
sn: reader
userPassword: ${READER.password}

dn: ${PEOPLE}
objectClass: organizationalUnit
ou: people

dn: ${GROUPS}
objectClass: organizationalUnit
ou: groups

`;

/** A person as LDIF. */
export function personLdif(uid: string, more: Record<string, string> = {}): string {
  const fields = { cn: uid, sn: 'Example', givenName: uid, uid, mail: `${uid}@example.com`, ...more };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return `dn: uid=${uid},${PEOPLE}\nobjectClass: inetOrgPerson\n${lines.join('\n')}\n\n`;
}

export function groupLdif(name: string, uids: readonly string[]): string {
  const members = uids.map((uid) => `member: uid=${uid},${PEOPLE}`);
  return `dn: cn=${name},${GROUPS}\nobjectClass: groupOfNames\ncn: ${name}\n${members.join('\n')}\n\n`;
}
