/** Compact forms (RFC 3261 §7.3.3 and the IANA registry) and the long name each stands for. */
const COMPACT = new Map<string, string>([
  ['a', 'Accept-Contact'],
  ['b', 'Referred-By'],
  ['c', 'Content-Type'],
  ['d', 'Request-Disposition'],
  ['e', 'Content-Encoding'],
  ['f', 'From'],
  ['i', 'Call-ID'],
  ['j', 'Reject-Contact'],
  ['k', 'Supported'],
  ['l', 'Content-Length'],
  ['m', 'Contact'],
  ['n', 'Identity-Info'],
  ['o', 'Event'],
  ['r', 'Refer-To'],
  ['s', 'Subject'],
  ['t', 'To'],
  ['u', 'Allow-Events'],
  ['v', 'Via'],
  ['x', 'Session-Expires'],
  ['y', 'Identity'],
]);

/** Headers whose value is a comma-separated list, lower case. All others keep their commas (dates, credentials, URIs). */
const LISTS = new Set([
  'accept',
  'accept-contact',
  'accept-encoding',
  'accept-language',
  'accept-resource-priority',
  'alert-info',
  'allow',
  'allow-events',
  'call-info',
  'contact',
  'content-encoding',
  'content-language',
  'diversion',
  'error-info',
  'geolocation',
  'history-info',
  'in-reply-to',
  'p-asserted-identity',
  'p-associated-uri',
  'p-preferred-identity',
  'path',
  'proxy-require',
  'reason',
  'record-route',
  'recv-info',
  'reject-contact',
  'require',
  'resource-priority',
  'route',
  'service-route',
  'supported',
  'unsupported',
  'via',
  'warning',
]);

/** The name as it is written: long form for a compact one, else unchanged. */
export function longName(name: string): string {
  return name.length === 1 ? (COMPACT.get(name.toLowerCase()) ?? name) : name;
}

/** Keys of names that were asked for; as many as programs use, whatever peers send. */
const KEYS = new Map<string, string>();
const MOST_KEYS = 512;

/** The key under which a header is found: long form, lower case. */
export function headerKey(name: string): string {
  const known = KEYS.get(name);
  if (known !== undefined) return known;
  const key = longName(name).toLowerCase();
  if (KEYS.size < MOST_KEYS) KEYS.set(name, key);
  return key;
}

/** Whether the header's value is a comma-separated list. `key` as of {@link headerKey}. */
export function isListHeader(key: string): boolean {
  return LISTS.has(key);
}
