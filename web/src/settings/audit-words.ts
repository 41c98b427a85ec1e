import type { AuditEntry } from '../api/types.ts';
import { fromCode } from '../words/call.ts';

/** Actions that one can ask for, in words. */
export const ACTIONS: Readonly<Record<string, string>> = {
  'session.start': 'Signed in',
  'session.end': 'Signed out',
  'recordings.play': 'Played a recording',
  'recordings.download': 'Downloaded a recording',
  'recording.created': 'Recording made',
  'recording.deleted': 'Recording deleted',
  'setting.changed': 'Changed a setting',
  'password.change': 'Changed the password',
  'tokens.create': 'Made a token',
  'tokens.revoke': 'Revoked a token',
  'people.create': 'Invited a person',
  'people.change': 'Changed a person',
  'people.remove': 'Removed a person',
  'people.invite': 'Made a new invitation',
  'phones.change': 'Changed the phones',
  'account.create': 'Made an account',
  'account.change': 'Changed an account',
  'account.delete': 'Deleted an account',
  'brands.create': 'Made a brand',
  'brands.change': 'Changed a brand',
  'brands.delete': 'Deleted a brand',
  'directory.import': 'Imported a CSV file',
  'directory.sync': 'Synchronised with a directory',
  'directory.undo': 'Took a change back',
  'ldap.change': 'Changed the directory connection',
  'ldap.delete': 'Deleted the directory connection',
  'own.change': 'Changed the own switches',
  'platform.change': 'Changed the platform',
  'call.destroyed': 'Held call destroyed',
  'calls.control': 'Recording by hand',
  'calls.override': 'Override of a call',
  'calls.flow': 'Step of a call flow',
  'calls.hangup': 'Ended a recording session',
  setup: 'Used a set-up link',
  'request.forged': 'Request from another site',
};

/** What was done, and to what where the subject is a word and not an id. */
export function actionWords({ action, subject }: AuditEntry): string {
  const words = ACTIONS[action] ?? fromCode(action);
  return action === 'setting.changed' && subject !== null ? `${words}: ${settingWords(subject)}` : words;
}

const SETTINGS: Readonly<Record<string, string>> = {
  retentionDays: 'how long recordings are kept',
  recordAll: 'record all calls',
  noticeAcknowledged: 'notice on announcing recording',
};

/** `record-all`, `recordAll` → record all calls. */
function settingWords(key: string): string {
  const camel = key.replaceAll(/[-_.](\w)/g, (_, letter: string) => letter.toUpperCase());
  return SETTINGS[camel] ?? fromCode(key).toLowerCase();
}

export function actorWords(actor: AuditEntry['actor']): string {
  if (actor.name !== null) return actor.kind === 'token' ? `Token ${actor.name}` : actor.name;
  const words = {
    user: 'A user',
    token: 'A token',
    operator: 'Operator of the machine',
    anonymous: 'Somebody not signed in',
    system: 'Earshot',
    phone: 'A phone',
  } as const;
  return words[actor.kind];
}

/** The entry's details as short phrases. */
export function detailWords(detail: unknown): string[] {
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) return [];
  if ('before' in detail && 'after' in detail)
    return [`From ${valueWords(detail.before)} to ${valueWords(detail.after)}`];
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${fromCode(name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase())}: ${plain(value)}`);
}

function valueWords(value: unknown): string {
  if (value === null || value === undefined) return 'not set';
  return plain(value);
}

function plain(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map(plain).join(', ');
  if (typeof value === 'object' && value !== null) return detailWords(value).join(', ');
  return '–';
}
