import { checkRange, invalid } from './settings.ts';

/** Who may send us calls, how strictly they are read, and where their media may come from. */
export interface TrunkConfig {
  readonly name: string;
  /** Addresses or CIDR ranges that requests may come from. */
  readonly addresses: readonly string[];
  /** What signalling must come over: anything, TLS, or TLS with a client certificate that has been checked. */
  readonly tls: 'any' | 'required' | 'certificate';
  /** PEM of the authorities, or of the very certificates, that client certificates of this trunk must come from; null = those of the node. */
  readonly tlsCa: string | null;
  /** Subject or alternative name that the client certificate must carry; null = any. Demands a certificate by itself. */
  readonly tlsName: string | null;
  /** Required: a session with a stream that is not under SRTP is refused (488). */
  readonly srtp: 'any' | 'required';
  /** Digest credentials (RFC 8760); null = not asked for. */
  readonly digest: { readonly username: string; readonly password: string } | null;
  /** Ranges that RTP may come from, besides the SDP's own address. */
  readonly media: readonly string[];
  /** Strict: `+sip.src` and `Require: siprec` are demanded (RFC 7866). */
  readonly strict: boolean;
  /** Every INVITE is a recording session, even without metadata. */
  readonly recording: boolean;
  /** What a call that policy does not want is answered. */
  readonly unwanted: 'accept' | 'refuse';
  /** Calls at once; null = as many as the node takes. */
  readonly calls: number | null;
  /** New calls a second; null = as many as the node takes. */
  readonly rate: number | null;
  /** Headers of this trunk that tell what policy asks for, by what they tell. */
  readonly headers?: TrunkHeaders;
}

/**
 * Names of headers (or of extension data in the metadata) that tell: the per-call override besides `MDC_MON_MODE` (D2), the number that was
 * dialled first (D3), the caller id that an outgoing call presents (D3), the queue (D5), the tenant (D8).
 */
export type TrunkHeaders = Readonly<Partial<Record<TrunkFact, string>>>;
export type TrunkFact = (typeof TRUNK_FACTS)[number];
export const TRUNK_FACTS = ['override', 'dialled', 'presented', 'queue', 'tenant'] as const;

/** RFC 1918, RFC 6598, loopback, link-local and unique local addresses: what a fresh installation listens to. */
export const PRIVATE_RANGES: readonly string[] = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
];

/** The trunk of an installation that has set none: any private address, lenient. `doctor` and the web client warn of it. */
export const DEFAULT_TRUNK: TrunkConfig = {
  name: 'default',
  addresses: PRIVATE_RANGES,
  tls: 'any',
  tlsCa: null,
  tlsName: null,
  srtp: 'any',
  digest: null,
  media: PRIVATE_RANGES,
  strict: false,
  recording: true,
  unwanted: 'accept',
  calls: null,
  rate: null,
};

const KEYS = [
  'name',
  'addresses',
  'tls',
  'tlsCa',
  'tlsName',
  'srtp',
  'digest',
  'media',
  'strict',
  'recording',
  'unwanted',
  'calls',
  'rate',
  'headers',
];

/** @throws EarshotError CONFIG_INVALID naming the trunk and the key */
export function readTrunks(value: unknown): TrunkConfig[] {
  if (value === undefined) return [DEFAULT_TRUNK];
  if (!Array.isArray(value)) throw invalid('trunks', 'must be a list.');
  const trunks = value.map((item, index) => readTrunk(item, `trunks[${index}]`));
  const names = new Set(trunks.map((trunk) => trunk.name));
  if (names.size !== trunks.length) throw invalid('trunks', 'two trunks have the same name.');
  return trunks;
}

function readTrunk(value: unknown, key: string): TrunkConfig {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(key, 'must hold `key: value` lines.');
  const trunk = value as Record<string, unknown>;
  const stranger = Object.keys(trunk).find((name) => !KEYS.includes(name));
  if (stranger !== undefined)
    throw invalid(`${key}.${stranger}`, 'is not a setting of a trunk.', 'Look it up in docs/settings.md.');
  const name = trunk['name'];
  if (typeof name !== 'string' || !/^[\w.-]{1,64}$/.test(name)) {
    throw invalid(`${key}.name`, 'must be 1 to 64 letters, digits, dots, dashes.');
  }
  return {
    name,
    addresses: ranges(trunk['addresses'], `${key}.addresses`) ?? PRIVATE_RANGES,
    tls: oneOf(trunk['tls'], `${key}.tls`, ['any', 'required', 'certificate']),
    tlsCa: text(trunk['tlsCa'], `${key}.tlsCa`),
    tlsName: text(trunk['tlsName'], `${key}.tlsName`),
    srtp: oneOf(trunk['srtp'], `${key}.srtp`, ['any', 'required']),
    digest: digest(trunk['digest'], `${key}.digest`),
    media: ranges(trunk['media'], `${key}.media`) ?? [],
    strict: flag(trunk['strict'], `${key}.strict`, false),
    recording: flag(trunk['recording'], `${key}.recording`, true),
    unwanted: oneOf(trunk['unwanted'], `${key}.unwanted`, ['accept', 'refuse']),
    calls: cap(trunk['calls'], `${key}.calls`),
    rate: cap(trunk['rate'], `${key}.rate`),
    ...(trunk['headers'] === undefined ? {} : { headers: headers(trunk['headers'], `${key}.headers`) }),
  };
}

/** Names of headers are tokens (RFC 3261 §25.1). */
function headers(value: unknown, key: string): TrunkHeaders {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(key, `must name headers, by what they tell: ${TRUNK_FACTS.join(', ')}.`);
  }
  for (const [fact, name] of Object.entries(value)) {
    if (!TRUNK_FACTS.some((one) => one === fact)) {
      throw invalid(`${key}.${fact}`, `is not known; a header tells ${TRUNK_FACTS.join(', ')}.`);
    }
    if (typeof name !== 'string' || !/^[\w.!%*+`'~-]{1,64}$/.test(name)) {
      throw invalid(`${key}.${fact}`, 'must be the name of a header, such as X-Record.');
    }
  }
  return value;
}

function text(value: unknown, key: string): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw invalid(key, 'must be a text.');
  return value;
}

function flag(value: unknown, key: string, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (typeof value !== 'boolean') throw invalid(key, 'must be true or false.');
  return value;
}

/** The first is the default. */
function oneOf<T extends string>(value: unknown, key: string, choices: readonly [T, ...T[]]): T {
  if (value === undefined) return choices[0];
  const chosen = choices.find((choice) => choice === value);
  if (chosen === undefined) throw invalid(key, `must be one of ${choices.join(', ')}.`);
  return chosen;
}

function cap(value: unknown, key: string): number | null {
  if (value === undefined || value === null) return null;
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > 16_000) {
    throw invalid(key, 'must be a whole number from 1 to 16000.');
  }
  return value as number;
}

function digest(value: unknown, key: string): TrunkConfig['digest'] {
  if (value === undefined || value === null) return null;
  const { username, password } = value as Record<string, unknown>;
  if (typeof username !== 'string' || typeof password !== 'string') throw invalid(key, 'needs username and password.');
  return { username, password };
}

function ranges(value: unknown, key: string): string[] | undefined {
  if (value === undefined) return undefined;
  const items: unknown[] = Array.isArray(value) ? value : [value];
  return items.map((item) => {
    if (typeof item !== 'string') throw invalid(key, 'must be addresses or ranges like 192.0.2.0/24.');
    checkRange(item, key);
    return item;
  });
}

/** Whether a caller of this trunk must prove a client certificate. */
export function demandsCertificate({ tls, tlsName, tlsCa }: TrunkConfig): boolean {
  return tls === 'certificate' || tlsName !== null || tlsCa !== null;
}
