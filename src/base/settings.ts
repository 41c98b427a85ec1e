import { isIP } from 'node:net';
import { isRange } from './address-ranges.ts';
import { EarshotError } from './errors.ts';

type Tree = Record<string, unknown>;

/**
 * Reads settings one by one from a parsed file and the environment (which wins), checks each, and remembers which keys of the file
 * were asked for, so that a misspelt one is an error and not a silence.
 */
export class SettingsReader {
  readonly #tree: Tree;
  readonly #env: NodeJS.ProcessEnv;
  readonly #known = new Set<string>();

  constructor(file: unknown, env: NodeJS.ProcessEnv) {
    if (typeof file !== 'object' || file === null || Array.isArray(file)) {
      throw new EarshotError('CONFIG_INVALID', 'the settings file must hold `key: value` lines.', {
        key: 'earshot.yaml',
      });
    }
    this.#tree = file as Tree;
    this.#env = env;
  }

  /** The value of a key of the file as it was parsed. */
  raw(path: string): unknown {
    this.#known.add(path);
    return this.#lookup(path);
  }

  optionalText(path: string, variable: string): string | null {
    const value = this.#value(path, variable);
    if (value === undefined || value === '') return null;
    if (typeof value === 'string' || typeof value === 'number') return String(value);
    throw invalid(this.#name(path, variable), 'must be a text.');
  }

  text(path: string, variable: string, fallback: string): string {
    return this.optionalText(path, variable) ?? fallback;
  }

  choice<const T extends string>(path: string, variable: string, choices: readonly T[], fallback: T): T {
    const text = this.text(path, variable, fallback);
    const found = choices.find((choice) => choice === text);
    if (found === undefined) {
      throw invalid(this.#name(path, variable), `is "${text}", but must be one of ${choices.join(', ')}.`);
    }
    return found;
  }

  /** For file names and manifests: letters, digits, dots, dashes. */
  name(path: string, variable: string, fallback: string): string {
    const text = this.text(path, variable, fallback);
    if (/^[\w-][\w.-]{0,63}$/.test(text)) return text;
    throw invalid(this.#name(path, variable), `is "${text}", but must be 1 to 64 letters, digits, dots, dashes.`);
  }

  /** An address of the web without a path's last slash, so that paths can be put behind it. */
  optionalUrl(path: string, variable: string): string | null {
    const text = this.optionalText(path, variable);
    if (text === null) return null;
    if (/^https?:\/\/[^\s?#]+$/i.test(text) && URL.canParse(text)) return text.replace(/\/+$/, '');
    throw invalid(
      this.#name(path, variable),
      `is "${text}", but must be an address like https://recorder.example.com.`,
    );
  }

  integer(path: string, variable: string, fallback: number, least: number, most: number): number {
    const text = this.text(path, variable, String(fallback));
    const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most)) {
      throw invalid(this.#name(path, variable), `is "${text}", but must be a whole number from ${least} to ${most}.`);
    }
    return value;
  }

  port(path: string, variable: string, fallback: number): number {
    return this.integer(path, variable, fallback, 0, 65_535);
  }

  /** `from-to`, inclusive, at least four ports; `from` even (RTP, RFC 3550 §11). */
  portRange(path: string, variable: string, fallback: string): { from: number; to: number } {
    const text = this.text(path, variable, fallback);
    const match = /^(\d{1,5})\s*[-–]\s*(\d{1,5})$/.exec(text);
    const from = Number(match?.[1]);
    const to = Number(match?.[2]);
    if (match === null || from < 1024 || to > 65_535 || to - from < 3 || from % 2 !== 0) {
      throw invalid(
        this.#name(path, variable),
        `is "${text}", but must be a range like 10000-19999: first port even and at least 1024, four ports or more.`,
      );
    }
    return { from, to };
  }

  address(path: string, variable: string, fallback: string): string {
    const text = this.text(path, variable, fallback);
    if (isIP(text) === 0) throw invalid(this.#name(path, variable), `is "${text}", but must be an IP address.`);
    return text;
  }

  optionalAddress(path: string, variable: string): string | null {
    return this.optionalText(path, variable) === null ? null : this.address(path, variable, '');
  }

  /** Addresses and CIDR ranges: a list in the file, separated by commas in the environment. */
  ranges(path: string, variable: string): string[] {
    const value = this.#value(path, variable);
    if (value === undefined) return [];
    const key = this.#name(path, variable);
    if (!Array.isArray(value) && typeof value !== 'string') throw invalid(key, 'must be a list.');
    const items = Array.isArray(value) ? value.map(String) : value.split(/[\s,]+/).filter((item) => item !== '');
    for (const item of items) checkRange(item, key);
    return items;
  }

  /** Host names, addresses and CIDR ranges, in the same ways. */
  hosts(path: string, variable: string): string[] {
    const value = this.#value(path, variable);
    if (value === undefined) return [];
    const key = this.#name(path, variable);
    if (!Array.isArray(value) && typeof value !== 'string') throw invalid(key, 'must be a list.');
    const items = Array.isArray(value) ? value.map(String) : value.split(/[\s,]+/).filter((item) => item !== '');
    // What looks like an address is none of a name's.
    for (const item of items) if (/[:/]|^[\d.]+$/.test(item) || !HOST_NAME.test(item)) checkRange(item, key);
    return items;
  }

  /** Two settings of which both or neither must be given: a certificate and its key. */
  pair(
    certificatePath: string,
    certificateVariable: string,
    keyPath: string,
    keyVariable: string,
  ): { certificate: string | null; key: string | null } {
    const certificate = this.optionalText(certificatePath, certificateVariable);
    const key = this.optionalText(keyPath, keyVariable);
    if ((certificate === null) !== (key === null)) {
      const missing =
        certificate === null ? this.#name(certificatePath, certificateVariable) : this.#name(keyPath, keyVariable);
      throw invalid(missing, 'is missing: a certificate and its key come together.');
    }
    return { certificate, key };
  }

  /** @throws EarshotError CONFIG_INVALID for a key of the file that nothing asked for */
  finish(): void {
    this.#checkKeys(this.#tree, '');
  }

  #checkKeys(tree: Tree, prefix: string): void {
    for (const [key, value] of Object.entries(tree)) {
      const path = prefix === '' ? key : `${prefix}.${key}`;
      if (this.#known.has(path)) continue;
      const isGroup = [...this.#known].some((known) => known.startsWith(`${path}.`));
      if (!isGroup || typeof value !== 'object' || value === null || Array.isArray(value)) {
        throw invalid(path, 'is not a setting of Earshot.', 'Look it up in docs/settings.md.');
      }
      this.#checkKeys(value as Tree, path);
    }
  }

  #name(path: string, variable: string): string {
    return this.#env[variable] === undefined ? path : variable;
  }

  #value(path: string, variable: string): unknown {
    this.#known.add(path);
    return this.#env[variable] ?? this.#lookup(path);
  }

  #lookup(path: string): unknown {
    let value: unknown = this.#tree;
    for (const key of path.split('.')) {
      if (typeof value !== 'object' || value === null) return undefined;
      value = (value as Tree)[key];
    }
    return value ?? undefined;
  }
}

export function invalid(key: string, message: string, remedy?: string): EarshotError {
  return new EarshotError('CONFIG_INVALID', message, remedy === undefined ? { key } : { key, remedy });
}

const HOST_NAME = /^[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)*$/i;

/** @throws EarshotError CONFIG_INVALID naming the key, for what is no address or range */
export function checkRange(item: string, key: string): void {
  if (!isRange(item)) throw invalid(key, `holds "${item}", but must be addresses or ranges like 192.0.2.0/24.`);
}
