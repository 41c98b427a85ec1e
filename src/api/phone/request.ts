import { EarshotError } from '../../base/errors.ts';
import { macOf } from '../../policy/compile.ts';

/** Whose form the answer has. */
export type PhoneForm = 'snom' | 'yealink' | 'text';

const ACTIONS = ['start', 'stop', 'toggle', 'pause', 'resume', 'keep'] as const;
export type PhoneAction = (typeof ACTIONS)[number];

/** What a phone says when its record key is pressed (S6). */
export interface PhoneRequest {
  /** 12 hexadecimal digits in lower case. */
  readonly mac: string;
  /** SIP Call-ID of the phone's own leg; null where the phone does not tell it. */
  readonly callId: string | null;
  readonly action: PhoneAction;
  readonly token: string | null;
}

const CALL_ID_NAMES = ['sipcallid', 'callid', 'call_id', 'call-id'];
const LONGEST = 512;

/**
 * The addresses that phones are told to ask, with the form of their answer:
 *
 * - `/mobydickcmd/provisioning/snom/snom-record.php?mac=…&sipcallid=…` and `/provisioning/<mac>/pui/monitor/record?callid=…`, as phones
 *   that came from the source's PBX have them on their keys;
 * - `/phone/snom/record?mac=…&callid=…`, `/phone/yealink/record?…`, and `/phone/record?…` for all others.
 */
export const PHONE_PATHS: readonly { readonly path: string; readonly form: PhoneForm | null }[] = [
  { path: '/mobydickcmd/provisioning/snom/snom-record.php', form: 'snom' },
  { path: '/provisioning/:mac/pui/monitor/record', form: 'snom' },
  { path: '/phone/snom/record', form: 'snom' },
  { path: '/phone/yealink/record', form: 'yealink' },
  { path: '/phone/record', form: null },
];

/** Whether plain HTTP may carry this: a phone's request without a secret. Many phones cannot check our certificate. */
export function isOpenPhoneRequest(url: string): boolean {
  const [path, query] = split(url);
  const isPhones = PHONE_PATHS.some(({ path: one }) => new RegExp(`^${one.replace(':mac', '[^/]+')}$`).test(path));
  return isPhones && !/(^|&)token(=|&|$)/i.test(query);
}

/** Where the path does not tell: by what the phone calls itself. */
export function formOf(form: PhoneForm | null, userAgent: string | undefined): PhoneForm {
  if (form !== null) return form;
  if (/snom/i.test(userAgent ?? '')) return 'snom';
  return /yealink/i.test(userAgent ?? '') ? 'yealink' : 'text';
}

/**
 * Reads the request's address. Phones put their values in as they are, so a `+` is a plus here, and what is no escape stays as it is.
 * @throws EarshotError BAD_REQUEST naming the part
 */
export function readPhoneRequest(url: string): PhoneRequest {
  const [path, query] = split(url);
  const values = new Map<string, string>();
  for (const pair of query.split('&')) {
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(pair) ?? [];
    if (name !== '' && !values.has(name.toLowerCase())) values.set(name.toLowerCase(), decoded(value));
  }
  const inPath = /^\/provisioning\/([^/]+)\//.exec(path)?.[1];
  const callId = CALL_ID_NAMES.map((name) => values.get(name)).find((value) => value !== undefined && value !== '');
  return {
    mac: macFrom(inPath === undefined ? values.get('mac') : decoded(inPath)),
    // A variable that the phone does not know is sent as it stands in its settings.
    callId: callId === undefined || callId.startsWith('$') || callId.length > LONGEST ? null : callId,
    action: actionFrom(values.get('action')),
    token: values.get('token') ?? null,
  };
}

function macFrom(text: string | undefined): string {
  const mac = text === undefined ? null : macOf(text);
  if (mac !== null) return mac;
  const wrong = text === undefined || text === '' ? 'is missing' : 'is none';
  throw new EarshotError('BAD_REQUEST', `the phone's MAC address ${wrong}: the key must ask with mac=….`, {
    key: 'mac',
  });
}

function actionFrom(text: string | undefined): PhoneAction {
  if (text === undefined || text === '') return 'toggle';
  const action = ACTIONS.find((one) => one === text.toLowerCase());
  if (action !== undefined) return action;
  throw new EarshotError('BAD_REQUEST', `the action must be one of ${ACTIONS.join(', ')}.`, { key: 'action' });
}

function split(url: string): [string, string] {
  const at = url.indexOf('?');
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
