import { headerKey, isListHeader, longName } from './header-names.ts';
import { splitList } from './tokens.ts';

interface Field {
  /** Lower-case long name. */
  key: string;
  /** Name as received or given; long form where it was compact. */
  name: string;
  value: string;
}

/** What {@link Headers.from} takes: pairs in order, or an object. */
export type HeaderSource =
  Iterable<readonly [string, string]> | Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * The header fields of a message in their order. Names compare without regard to case, compact forms are the long ones.
 * Values keep their text, unfolded and trimmed; they may hold any character but CR and LF (NUL included: RFC 3261 allows it
 * in quoted strings), so whoever stores one must be ready for that.
 */
export class Headers {
  readonly #fields: Field[] = [];

  static from(source: HeaderSource): Headers {
    const headers = new Headers();
    if (isPairs(source)) {
      for (const [name, value] of source) headers.add(name, value);
      return headers;
    }
    for (const [name, value] of Object.entries(source)) {
      if (value === undefined) continue;
      for (const one of typeof value === 'string' ? [value] : value) headers.add(name, one);
    }
    return headers;
  }

  /** The first value; of a list header (Via, Route, Contact, Allow …) its first element. Undefined when absent or an empty list. */
  get(name: string): string | undefined {
    const key = headerKey(name);
    const list = isListHeader(key);
    for (const field of this.#fields) {
      if (field.key !== key) continue;
      if (!list) return field.value;
      const [first] = splitList(field.value);
      if (first !== undefined) return first;
    }
    return undefined;
  }

  /** All values in order; those of list headers split at commas outside quotes and `<>`. */
  all(name: string): string[] {
    const key = headerKey(name);
    const values = this.lines(name);
    return isListHeader(key) ? values.flatMap(splitList) : values;
  }

  /** The values line by line, never split. */
  lines(name: string): string[] {
    const key = headerKey(name);
    return this.#fields.filter((field) => field.key === key).map((field) => field.value);
  }

  has(name: string): boolean {
    const key = headerKey(name);
    return this.#fields.some((field) => field.key === key);
  }

  /** Puts `value` (one line each) in the place of the header's first line, at the end when there was none. */
  set(name: string, value: string | readonly string[]): this {
    const key = headerKey(name);
    const found = this.#fields.findIndex((field) => field.key === key);
    const place = found < 0 ? this.#fields.length : found;
    this.delete(name);
    const values = typeof value === 'string' ? [value] : value;
    this.#fields.splice(place, 0, ...values.map((one) => field(name, one)));
    return this;
  }

  /** Replaces the first value alone (of a list header its first element): what a server does to the topmost Via. */
  setFirst(name: string, value: string): this {
    const rest = this.all(name).slice(1);
    return this.set(name, [value, ...rest]);
  }

  /** Appends one line. */
  add(name: string, value: string): this {
    this.#fields.push(field(name, value));
    return this;
  }

  /** Puts one line before the header's others (a Via of ours), or before all headers when there is none. */
  prepend(name: string, value: string): this {
    const key = headerKey(name);
    const found = this.#fields.findIndex((field) => field.key === key);
    this.#fields.splice(Math.max(0, found), 0, field(name, value));
    return this;
  }

  delete(name: string): this {
    const key = headerKey(name);
    let kept = 0;
    for (const field of this.#fields) if (field.key !== key) this.#fields[kept++] = field;
    this.#fields.length = kept;
    return this;
  }

  /** Lines as `[name, value]`, in order. */
  *entries(): IterableIterator<[string, string]> {
    for (const field of this.#fields) yield [field.name, field.value];
  }

  /** How many lines there are. */
  get size(): number {
    return this.#fields.length;
  }

  clone(): Headers {
    return Headers.from(this.entries());
  }
}

function isPairs(source: HeaderSource): source is Iterable<readonly [string, string]> {
  return Symbol.iterator in source;
}

/** Line breaks would let a value forge further headers, so they become spaces. */
function field(name: string, value: string): Field {
  const long = longName(name);
  return { key: long.toLowerCase(), name: long, value: trimBlanks(value.replaceAll(/[\r\n]+/g, ' ')) };
}

/** Blanks and tabs only: `trim()` would take a byte order mark or a no-break space that belongs to the value. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && (text[start] === ' ' || text[start] === '\t')) start++;
  while (end > start && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--;
  return text.slice(start, end);
}
