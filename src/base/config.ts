import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { EarshotError, messageOf, systemCode } from './errors.ts';
import type { LogLevel } from './log.ts';
import { invalid, SettingsReader } from './settings.ts';
import { demandsCertificate, readTrunks, type TrunkConfig } from './trunks.ts';

/** All settings of one node. File (`earshot.yaml`) first, environment over it; docs/settings.md lists each. */
export interface Config {
  readonly dataDir: string;
  readonly role: 'all' | 'recorder' | 'service';
  readonly nodeName: string;
  readonly logLevel: LogLevel;
  readonly http: HttpConfig;
  readonly sip: SipConfig;
  readonly rtp: RtpConfig;
  /** Null = the embedded PostgreSQL. */
  readonly databaseUrl: string | null;
  readonly limits: LimitsConfig;
  readonly retentionDays: number;
  readonly trunks: readonly TrunkConfig[];
  readonly directory: DirectoryConfig;
}

export interface DirectoryConfig {
  /** Names, addresses and ranges of directory servers (LDAP) that accounts may follow; empty: all but this machine and its link. */
  readonly ldapHosts: readonly string[];
}

export interface HttpConfig {
  readonly host: string;
  readonly port: number;
  /** Paths of PEM files; null = self-signed, made at first start. */
  readonly certificate: string | null;
  readonly key: string | null;
  /** Addresses or ranges of reverse proxies whose X-Forwarded-* headers count, and from which plain HTTP is taken. */
  readonly trustProxy: readonly string[];
  /** The address people use, e.g. `https://recorder.example`; for links that are printed or mailed. */
  readonly publicUrl: string | null;
}

export interface SipConfig {
  readonly host: string;
  /** UDP and TCP. */
  readonly port: number;
  /** Null = no TLS listener. */
  readonly tlsPort: number | null;
  readonly certificate: string | null;
  readonly key: string | null;
  /** PEM file of the authorities that client certificates are checked against; null = not asked for. */
  readonly clientCa: string | null;
  /** The address that peers reach us at, where it differs from the local one (NAT); for SDP, Contact and Via. */
  readonly advertise: string | null;
}

export interface RtpConfig {
  readonly host: string;
  readonly from: number;
  readonly to: number;
  readonly restSeconds: number;
  /** `auto`: the batch receiver where it can be had, else Node's own sockets (docs/adr/0008). */
  readonly receiver: 'auto' | 'node';
}

export interface LimitsConfig {
  readonly maxCalls: number;
  /** New calls a second; more at once only by what a second holds. */
  readonly setupsPerSecond: number;
  /** Requests a second, other than new calls and those of running ones, that one address is answered. */
  readonly requestsPerSource: number;
  /** TCP and TLS connections that one address may hold. */
  readonly connectionsPerSource: number;
  /** Unfinished messages that are held for one address. */
  readonly megabytesPerSource: number;
  /** A session without RTP (while not held) closes after this. */
  readonly silenceSeconds: number;
  readonly maxCallHours: number;
  /** New calls are refused below this much free space. */
  readonly minFreeMegabytes: number;
  /** How long a stop waits for running calls to end by themselves. */
  readonly drainSeconds: number;
}

/**
 * Reads and checks the settings.
 * @throws EarshotError CONFIG_UNREADABLE, CONFIG_INVALID naming the key
 */
export function loadConfig(env: NodeJS.ProcessEnv, cwd: string): Config {
  const path = resolve(cwd, env['EARSHOT_CONFIG'] ?? 'earshot.yaml');
  const reader = new SettingsReader(readFile(path, env['EARSHOT_CONFIG'] !== undefined), env);
  const dataDir = resolve(cwd, reader.text('data', 'EARSHOT_DATA', './data'));
  const rtpPorts = reader.portRange('rtp.ports', 'EARSHOT_RTP_PORTS', '10000-29999');
  const config: Config = {
    dataDir,
    role: reader.choice('role', 'EARSHOT_ROLE', ['all', 'recorder', 'service'], 'all'),
    nodeName: reader.name('node', 'EARSHOT_NODE', 'node-1'),
    logLevel: reader.choice('log', 'EARSHOT_LOG', ['debug', 'info', 'warn', 'error', 'silent'], 'info'),
    http: readHttp(reader),
    sip: readSip(reader),
    rtp: {
      host: reader.address('rtp.host', 'EARSHOT_RTP_HOST', reader.text('sip.host', 'EARSHOT_SIP_HOST', '0.0.0.0')),
      ...rtpPorts,
      restSeconds: reader.integer('rtp.rest', 'EARSHOT_RTP_REST', 10, 0, 3600),
      receiver: reader.choice('rtp.receiver', 'EARSHOT_RECEIVER', ['auto', 'node'], 'auto'),
    },
    databaseUrl: reader.optionalText('database', 'DATABASE_URL'),
    limits: {
      maxCalls: reader.integer('limits.calls', 'EARSHOT_MAX_CALLS', 2000, 1, 16_000),
      setupsPerSecond: reader.integer('limits.rate', 'EARSHOT_MAX_RATE', 300, 1, 10_000),
      requestsPerSource: reader.integer('limits.requests', 'EARSHOT_MAX_REQUESTS', 200, 1, 100_000),
      connectionsPerSource: reader.integer('limits.connections', 'EARSHOT_MAX_CONNECTIONS', 500, 1, 4000),
      megabytesPerSource: reader.integer('limits.memory', 'EARSHOT_MAX_SOURCE_MB', 16, 4, 1024),
      silenceSeconds: reader.integer('limits.silence', 'EARSHOT_SILENCE_SECONDS', 300, 2, 86_400),
      maxCallHours: reader.integer('limits.hours', 'EARSHOT_MAX_CALL_HOURS', 24, 1, 240),
      minFreeMegabytes: reader.integer('limits.free', 'EARSHOT_MIN_FREE_MB', 500, 0, 10_000_000),
      drainSeconds: reader.integer('limits.drain', 'EARSHOT_DRAIN_SECONDS', 5, 0, 25),
    },
    retentionDays: reader.integer('retention', 'EARSHOT_RETENTION_DAYS', 90, 1, 36_500),
    trunks: readTrunks(reader.raw('trunks')).map((trunk, index) => withAuthorities(trunk, index, cwd)),
    directory: { ldapHosts: reader.hosts('directory.ldapHosts', 'EARSHOT_LDAP_HOSTS') },
  };
  reader.finish();
  checkDemands(config);
  return config;
}

/** `tlsCa` names a file, or is its text. */
function withAuthorities(trunk: TrunkConfig, index: number, cwd: string): TrunkConfig {
  if (trunk.tlsCa === null || trunk.tlsCa.includes('-----BEGIN')) return trunk;
  const path = resolve(cwd, trunk.tlsCa);
  try {
    return { ...trunk, tlsCa: readFileSync(path, 'utf8') };
  } catch (error) {
    throw invalid(`trunks[${index}].tlsCa`, `cannot be read: ${messageOf(error)}.`, 'Give the path of a PEM file.');
  }
}

/** Without TLS, or without authorities to check certificates against, such a trunk could never send a call. */
function checkDemands({ sip, trunks }: Config): void {
  for (const [index, trunk] of trunks.entries()) {
    const key = `trunks[${index}].${trunk.tlsName === null ? 'tls' : 'tlsName'}`;
    if (trunk.tls !== 'any' && sip.tlsPort === null) throw invalid(key, 'needs TLS.', 'Set sip.tlsPort.');
    if (!demandsCertificate(trunk)) continue;
    if (sip.tlsPort !== null && (trunk.tlsCa ?? sip.clientCa) !== null) continue;
    throw invalid(key, 'needs TLS and authorities.', 'Name the file of the authorities in tlsCa or sip.clientCa.');
  }
}

function readHttp(reader: SettingsReader): HttpConfig {
  return {
    host: reader.address('http.host', 'EARSHOT_HTTP_HOST', '0.0.0.0'),
    port: reader.port('http.port', 'EARSHOT_HTTP_PORT', 8080),
    ...reader.pair('http.certificate', 'EARSHOT_HTTP_CERT', 'http.key', 'EARSHOT_HTTP_KEY'),
    trustProxy: reader.ranges('http.trustProxy', 'EARSHOT_TRUST_PROXY'),
    publicUrl: reader.optionalUrl('http.publicUrl', 'EARSHOT_PUBLIC_URL'),
  };
}

function readSip(reader: SettingsReader): SipConfig {
  const tlsPort = reader.integer('sip.tlsPort', 'EARSHOT_SIP_TLS_PORT', 5061, 0, 65_535);
  return {
    host: reader.address('sip.host', 'EARSHOT_SIP_HOST', '0.0.0.0'),
    port: reader.port('sip.port', 'EARSHOT_SIP_PORT', 5060),
    tlsPort: tlsPort === 0 ? null : tlsPort,
    ...reader.pair('sip.certificate', 'EARSHOT_SIP_CERT', 'sip.key', 'EARSHOT_SIP_KEY'),
    clientCa: reader.optionalText('sip.clientCa', 'EARSHOT_SIP_CLIENT_CA'),
    advertise: reader.optionalAddress('sip.advertise', 'EARSHOT_ADVERTISE'),
  };
}

function readFile(path: string, mustExist: boolean): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT' && !mustExist) return {};
    throw new EarshotError('CONFIG_UNREADABLE', `cannot read ${path}: ${messageOf(error)}.`, {
      key: 'EARSHOT_CONFIG',
      remedy: 'Give the path of a readable YAML file.',
    });
  }
  try {
    return parse(text) ?? {};
  } catch (error) {
    throw new EarshotError('CONFIG_UNREADABLE', `${path} is not valid YAML: ${firstLine(messageOf(error))}.`, {
      key: 'EARSHOT_CONFIG',
      remedy: 'Mend the line that is named.',
    });
  }
}

/** Without the colon behind which the parser shows the place. */
function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/[:.]\s*$/, '');
}
