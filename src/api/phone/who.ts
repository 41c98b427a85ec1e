import type { FastifyRequest } from 'fastify';
import type { Phone, Place } from '../../access/actor.ts';
import { may, narrowingOf } from '../../access/rules.ts';
import { EarshotError } from '../../base/errors.ts';
import { addressMatcher } from '../../base/address-ranges.ts';
import { type CompiledAccount, compile } from '../../policy/compile.ts';
import type { DeviceSettings } from '../../policy/types.ts';
import { auditOf } from '../audit/write.ts';
import type { ApiContext } from '../context.ts';
import type { PhoneRequest } from './request.ts';

/** A phone that has shown who it is, with the directory's device, where its MAC address is known there. */
export interface KnownPhone {
  readonly actor: Phone;
  readonly device: DeviceSettings | null;
}

/**
 * Who pressed the key: by the token in the address, else by the address at which the account's phones stand.
 * @throws EarshotError NOT_SIGNED_IN, NOT_ALLOWED
 */
export async function knowPhone(context: ApiContext, request: FastifyRequest, wish: PhoneRequest): Promise<KnownPhone> {
  return wish.token === null ? byAddress(context, request, wish) : byToken(context, request, wish, wish.token);
}

async function byToken(
  context: ApiContext,
  request: FastifyRequest,
  { mac }: PhoneRequest,
  secret: string,
): Promise<KnownPhone> {
  const bearer = await context.access.byToken(secret, false);
  if (bearer?.kind !== 'token' || !may(bearer, 'calls.control')) {
    throw new EarshotError('NOT_SIGNED_IN', 'the token of this key is not good, or not any more.', { key: 'token' });
  }
  request.actor = bearer;
  const found = devicesOf(context, mac, narrowingOf(bearer).accountIds);
  if (found.length > 1) throw several();
  const [one] = found;
  const user = one?.device.userId ?? null;
  if (bearer.userId !== null && user !== bearer.userId) {
    await auditOf(context, request, 'calls.control', 'refused', mac);
    throw new EarshotError('NOT_ALLOWED', 'the token of this key belongs to somebody else.', { key: 'token' });
  }
  if (one !== undefined) return phoneOf(one, bearer.role === 'user' ? 'user' : 'administrator');
  const { role, accountId, brandId, userId, brandAccountIds = [] } = bearer;
  const place = { role, accountId, brandId, userId, brandAccountIds };
  return { actor: { kind: 'phone', deviceId: mac, name: `${mac} (${bearer.name})`, ...place }, device: null };
}

async function byAddress(context: ApiContext, request: FastifyRequest, { mac }: PhoneRequest): Promise<KnownPhone> {
  const all = await context.phones.all();
  const here = all.filter(({ ranges }) => ranges.length > 0 && addressMatcher([...ranges])(request.ip));
  if (here.length === 0 || isBrowser(request)) {
    throw new EarshotError('NOT_SIGNED_IN', 'this phone is not known: its key needs a token.', { key: 'token' });
  }
  const found = devicesOf(
    context,
    mac,
    here.map(({ accountId }) => accountId),
  );
  if (found.length > 1) throw several();
  const [one] = found;
  if (one === undefined) {
    throw new EarshotError('NOT_SIGNED_IN', `no device of the directory has the MAC address ${mac}.`, { key: 'mac' });
  }
  return phoneOf(one, 'administrator');
}

/** A page that somebody looks at must not press keys of phones in the same network. */
function isBrowser({ headers }: FastifyRequest): boolean {
  if (headers['sec-fetch-site'] !== undefined || headers.origin !== undefined || headers.referer !== undefined)
    return true;
  // Over plain HTTP browsers send no sec-fetch-site. Those within apps name only the engine; Snom's phones are Mozilla/4.0 as well.
  return /\b(Chrome|Firefox|Safari|Edg|OPR|AppleWebKit|Gecko|Trident)\/|\bMSIE /.test(headers['user-agent'] ?? '');
}

interface Found {
  readonly account: CompiledAccount;
  readonly device: DeviceSettings;
}

function devicesOf(context: ApiContext, mac: string, accountIds: readonly string[] | null): Found[] {
  const settings = context.policy.settings();
  if (settings === null) return [];
  const { accounts } = compile(settings);
  return [...accounts.values()]
    .filter((account) => accountIds?.includes(account.settings.id) ?? true)
    .flatMap((account) => (account.byMac.get(mac) ?? []).map((device) => ({ account, device })));
}

/** Its account alone is within its reach, or its user's calls alone; as its user, where it has one, it asks (S9). */
function phoneOf({ account, device }: Found, role: Place['role']): KnownPhone {
  const user = device.userId === undefined ? undefined : account.users.get(device.userId);
  const place: Place = { role, accountId: account.settings.id, brandId: null, userId: user?.id ?? null };
  const name = user === undefined ? device.name : `${user.name} (${device.name})`;
  return { actor: { kind: 'phone', deviceId: device.id, name, ...place }, device };
}

function several(): EarshotError {
  return new EarshotError('CONFLICT', 'several devices of the directory have this MAC address.', { key: 'mac' });
}
