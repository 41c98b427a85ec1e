import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EarshotError, messageOf } from '../base/errors.ts';
import type { Config } from '../base/config.ts';
import type { JsonValue } from '../base/json.ts';

/** Where the service of a data folder listens; written by it at start, read by the command on the same machine. */
export interface ServiceAddress {
  readonly url: string;
  readonly pid: number;
}

export function serviceAddressFile(dataDir: string): string {
  return join(dataDir, 'run', 'service.json');
}

/** A way to the API: `EARSHOT_URL` and `EARSHOT_TOKEN`, else through the data folder on the machine itself. */
export class Connection {
  readonly url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.url = url.replace(/\/+$/, '');
    this.#token = token;
  }

  /** @throws EarshotError SERVER_UNREACHABLE when neither way is open */
  static find(config: Config, env: NodeJS.ProcessEnv): Connection {
    const url = env['EARSHOT_URL'];
    const token = env['EARSHOT_TOKEN'];
    if (url !== undefined) {
      if (token === undefined) {
        throw new EarshotError('NOT_SIGNED_IN', 'is missing.', {
          key: 'EARSHOT_TOKEN',
          remedy: 'Make a token with `earshot token create` on the server.',
        });
      }
      return new Connection(url, token);
    }
    try {
      const address = JSON.parse(readFileSync(serviceAddressFile(config.dataDir), 'utf8')) as ServiceAddress;
      return new Connection(address.url, readFileSync(join(config.dataDir, 'secrets', 'local-token'), 'utf8').trim());
    } catch (error) {
      throw new EarshotError(
        'SERVER_UNREACHABLE',
        `no server runs on the data folder ${config.dataDir} (${messageOf(error)}).`,
        {
          key: 'EARSHOT_DATA',
          remedy: 'Start it with `npm start`, name its data folder, or set EARSHOT_URL and EARSHOT_TOKEN.',
        },
      );
    }
  }

  async json<T>(method: string, path: string, body?: JsonValue): Promise<T> {
    const response = await this.request(method, path, body);
    const text = await response.text();
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** @throws EarshotError with the server's own code and words, SERVER_UNREACHABLE when it does not answer */
  async request(method: string, path: string, body?: JsonValue): Promise<Response> {
    const init: RequestInit = { method, headers: this.#headers(body !== undefined) };
    if (body !== undefined) init.body = JSON.stringify(body);
    let response: Response;
    try {
      response = await fetch(`${this.url}/api/v1${path}`, init);
    } catch (error) {
      const cause = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
      throw new EarshotError('SERVER_UNREACHABLE', `${this.url} does not answer (${cause}).`, {
        remedy: 'Is it running? `earshot doctor` tells more.',
      });
    }
    if (response.ok) return response;
    throw await problemOf(response);
  }

  #headers(hasBody: boolean): Record<string, string> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.#token}`, accept: 'application/json' };
    if (hasBody) headers['content-type'] = 'application/json';
    return headers;
  }
}

async function problemOf(response: Response): Promise<EarshotError> {
  const text = await response.text();
  try {
    const problem = JSON.parse(text) as {
      code?: ConstructorParameters<typeof EarshotError>[0];
      detail?: string;
      title?: string;
      remedy?: string;
    };
    if (problem.code !== undefined) {
      const { code, detail, title, remedy } = problem;
      return new EarshotError(code, detail ?? title ?? 'refused.', remedy === undefined ? {} : { remedy });
    }
  } catch {
    // Not ours: a proxy's page, say.
  }
  return new EarshotError('INTERNAL', `the server answered ${response.status} ${response.statusText}.`);
}
