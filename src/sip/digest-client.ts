import { type AuthFields, DIGEST_HASHES, type DigestAlgorithm, digestResponse, parseAuth } from './digest.ts';
import { quote } from './tokens.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface ChallengedRequest {
  readonly method: string;
  /** The Request-URI as it will be sent. */
  readonly uri: string;
  /** Random text, 8 to 32 hexadecimal digits. */
  readonly cnonce: string;
  /** How often this nonce has been used, this time included. Default 1. */
  readonly count?: number;
}

interface Choice {
  readonly algorithm: DigestAlgorithm;
  readonly session: boolean;
  readonly challenge: AuthFields;
}

/**
 * The value of Authorization (or Proxy-Authorization) that answers a 401 (407).
 * @param challenges the values of all its WWW-Authenticate (Proxy-Authenticate) headers; the strongest known algorithm is taken
 * (RFC 8760 §2.4)
 * @returns null when no challenge can be answered: no Digest, unknown algorithm, or only qop=auth-int
 */
export function answerChallenge(
  challenges: readonly string[],
  credentials: Credentials,
  request: ChallengedRequest,
): string | null {
  const chosen = choose(challenges);
  if (chosen === null) return null;
  const { params } = chosen.challenge;
  const nonce = params.get('nonce')!;
  const realm = params.get('realm')!;
  const nc = (request.count ?? 1).toString(16).padStart(8, '0');
  const qop = params.has('qop') ? { nc, cnonce: request.cnonce } : undefined;
  const { algorithm, session } = chosen;
  const { method, uri } = request;
  const input = { algorithm, session, ...credentials, realm, method, uri, nonce };
  const response = digestResponse(qop === undefined ? input : { ...input, qop });
  const opaque = params.get('opaque');
  return [
    `Digest username=${quote(credentials.username)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(uri)}`,
    `response="${response}"`,
    `algorithm=${algorithm}${session ? '-sess' : ''}`,
    ...(qop === undefined ? [] : [`cnonce="${qop.cnonce}"`, 'qop=auth', `nc=${nc}`]),
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
  ].join(', ');
}

function choose(challenges: readonly string[]): Choice | null {
  const usable = challenges.map(readChoice).filter((choice) => choice !== null);
  for (const name of DIGEST_HASHES.keys()) {
    const found = usable.find((choice) => choice.algorithm === name);
    if (found !== undefined) return found;
  }
  return null;
}

function readChoice(value: string): Choice | null {
  const challenge = parseAuth(value);
  const { scheme, params } = challenge;
  if (scheme !== 'digest' || !params.has('nonce') || !params.has('realm')) return null;
  const offered = (params.get('qop') ?? 'auth').split(',').map((one) => one.trim().toLowerCase());
  if (!offered.includes('auth')) return null;
  const name = (params.get('algorithm') ?? 'MD5').toUpperCase();
  const session = name.endsWith('-SESS');
  const algorithm = session ? name.slice(0, -5) : name;
  if (!DIGEST_HASHES.has(algorithm)) return null;
  return { algorithm: algorithm as DigestAlgorithm, session, challenge };
}
