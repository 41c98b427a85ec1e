import { decodeXml } from './encoding.ts';

/**
 * A reader for the XML that recording clients send: elements, attributes, text, CDATA. One pass, linear in time, no recursion.
 *
 * Not read on purpose: document type declarations (and with them every entity of one's own, internal or external) end the reading.
 * Tolerated, because clients do it: bare `&`, unknown entities (kept as text), attributes without quotes, end tags that do not
 * match, a document that stops half-way. What was read until then is handed over together with the fault.
 */
export interface XmlElement {
  /** Name without its prefix, as written. */
  readonly name: string;
  /** Attributes by local name in lower case; the first of two equal ones. Namespace declarations are left out. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The element's own text, pieces joined, CDATA included, white space as sent. */
  readonly text: string;
}

export interface XmlReading {
  /** Undefined when there is no element at all. */
  readonly root?: XmlElement;
  /** Why the reading ended early; undefined for a whole document. */
  readonly fault?: string;
}

export interface XmlLimits {
  readonly bytes: number;
  readonly depth: number;
  readonly elements: number;
  readonly attributes: number;
}

/** Real metadata is below 20 kB, 8 levels, 100 elements. */
export const XML_LIMITS: XmlLimits = { bytes: 1_048_576, depth: 64, elements: 10_000, attributes: 64 };

interface Open {
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly children: Open[];
  text: string;
}

/** Reads a document. Never throws; a document over the limits is not read further than to the limit. */
export function readXml(bytes: Buffer, limits: XmlLimits = XML_LIMITS): XmlReading {
  if (bytes.length > limits.bytes) return { fault: `it is larger than ${limits.bytes} bytes` };
  return new Reader(decodeXml(bytes), limits).read();
}

class Reader {
  readonly #source: string;
  readonly #limits: XmlLimits;
  readonly #stack: Open[] = [];
  #root: Open | undefined;
  #elements = 0;
  #at = 0;
  #fault: string | undefined;

  constructor(source: string, limits: XmlLimits) {
    this.#source = source;
    this.#limits = limits;
  }

  read(): XmlReading {
    while (this.#fault === undefined && this.#at < this.#source.length) this.#step();
    if (this.#fault === undefined && this.#root === undefined) this.#fault = 'there is no element in it';
    if (this.#fault === undefined && this.#stack.length > 0) this.#fault = 'it ends before its last element is closed';
    const result: { root?: XmlElement; fault?: string } = {};
    if (this.#root !== undefined) result.root = this.#root;
    if (this.#fault !== undefined) result.fault = this.#fault;
    return result;
  }

  #step(): void {
    const source = this.#source;
    if (source.charCodeAt(this.#at) !== 0x3c) return this.#readText();
    const next = source.charCodeAt(this.#at + 1);
    if (next === 0x2f) return this.#readEnd();
    if (next === 0x3f) return this.#skip('?>', 'a processing instruction');
    if (next !== 0x21) return this.#readStart();
    if (source.startsWith('<!--', this.#at)) return this.#skip('-->', 'a comment');
    if (source.startsWith('<![CDATA[', this.#at)) return this.#readCdata();
    this.#fault = 'it has a document type declaration, which is not read';
  }

  #readText(): void {
    const open = this.#source.indexOf('<', this.#at);
    const end = open === -1 ? this.#source.length : open;
    const element = this.#stack.at(-1);
    if (element !== undefined) addText(element, resolveEntities(cut(this.#source, this.#at, end)));
    this.#at = end;
  }

  #readCdata(): void {
    const from = this.#at + '<![CDATA['.length;
    this.#skip(']]>', 'a CDATA section');
    const element = this.#stack.at(-1);
    if (element !== undefined && this.#fault === undefined) element.text += this.#source.slice(from, this.#at - 3);
  }

  #skip(end: string, what: string): void {
    const found = this.#source.indexOf(end, this.#at + 2);
    if (found === -1) this.#fault = `${what} is not closed`;
    else this.#at = found + end.length;
  }

  /** An end tag closes the nearest open element of its name; one that closes nothing is passed over. */
  #readEnd(): void {
    const end = this.#source.indexOf('>', this.#at);
    if (end === -1) {
      this.#fault = 'an end tag is not closed';
      return;
    }
    const name = localName(this.#source.slice(this.#at + 2, end).trim());
    this.#at = end + 1;
    const index = this.#stack.findLastIndex((open) => open.name === name);
    if (index !== -1) this.#stack.length = index;
  }

  #readStart(): void {
    const source = this.#source;
    const nameEnd = skipName(source, this.#at + 1);
    if (nameEnd === this.#at + 1) {
      // A stray `<` in a text: keep it as text.
      const element = this.#stack.at(-1);
      if (element !== undefined) addText(element, '<');
      this.#at += 1;
      return;
    }
    const element: Open = {
      name: localName(source.slice(this.#at + 1, nameEnd)),
      attributes: new Map(),
      children: [],
      text: '',
    };
    this.#at = nameEnd;
    const closed = this.#readAttributes(element.attributes);
    if (closed !== undefined) this.#add(element, closed);
  }

  #add(element: Open, empty: boolean): void {
    const parent = this.#stack.at(-1);
    if (parent === undefined && this.#root !== undefined) {
      this.#fault = 'it has a second root element';
      return;
    }
    this.#elements += 1;
    if (this.#elements > this.#limits.elements) {
      this.#fault = `it has more than ${this.#limits.elements} elements`;
      return;
    }
    if (parent === undefined) this.#root = element;
    else parent.children.push(element);
    if (empty) return;
    if (this.#stack.length >= this.#limits.depth) this.#fault = `it is nested deeper than ${this.#limits.depth} levels`;
    else this.#stack.push(element);
  }

  /** Reads up to the tag's end. Returns whether the element is empty (`/>`), undefined when the document ends inside the tag. */
  #readAttributes(into: Map<string, string>): boolean | undefined {
    const source = this.#source;
    for (let count = 0; ; count += 1) {
      this.#at = skipSpace(source, this.#at);
      const code = source.charCodeAt(this.#at);
      if (Number.isNaN(code)) return this.#endsInTag();
      if (code === 0x3e) return this.#tagEnd(1, false);
      if (code === 0x2f && source.charCodeAt(this.#at + 1) === 0x3e) return this.#tagEnd(2, true);
      if (count >= this.#limits.attributes) {
        this.#fault = `an element has more than ${this.#limits.attributes} attributes`;
        return undefined;
      }
      const nameEnd = skipName(source, this.#at);
      if (nameEnd === this.#at) {
        this.#at += 1;
        continue;
      }
      const name = source.slice(this.#at, nameEnd);
      this.#at = nameEnd;
      const value = this.#readValue();
      if (value === undefined) return undefined;
      const local = localName(name).toLowerCase();
      if (name !== 'xmlns' && !name.startsWith('xmlns:') && !into.has(local)) into.set(local, value);
    }
  }

  #tagEnd(length: number, empty: boolean): boolean {
    this.#at += length;
    return empty;
  }

  #endsInTag(): undefined {
    this.#fault = 'it ends within a tag';
    return undefined;
  }

  #readValue(): string | undefined {
    const source = this.#source;
    const equals = skipSpace(source, this.#at);
    if (source.charCodeAt(equals) !== 0x3d) return '';
    this.#at = skipSpace(source, equals + 1);
    const quote = source[this.#at];
    if (quote === '"' || quote === "'") {
      const end = source.indexOf(quote, this.#at + 1);
      if (end === -1) return this.#endsInTag();
      const value = cut(source, this.#at + 1, end);
      this.#at = end + 1;
      return resolveEntities(value);
    }
    const from = this.#at;
    while (this.#at < source.length && !isSpace(source.charCodeAt(this.#at)) && source[this.#at] !== '>') this.#at += 1;
    return resolveEntities(cut(source, from, this.#at));
  }
}

/** Longest text of one element or attribute; nothing in metadata has a use for more. */
const TEXT_KEPT = 16_384;

function cut(source: string, from: number, to: number): string {
  return source.slice(from, Math.min(to, from + TEXT_KEPT));
}

function addText(element: { text: string }, text: string): void {
  if (element.text.length < TEXT_KEPT) element.text += text;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** The five entities of XML and character references; anything else stays as it was written. One pass: nothing expands twice. */
function resolveEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(lt|gt|amp|quot|apos));/g,
    (whole, decimal, hex, name) => {
      if (typeof name === 'string') return ENTITIES[name] ?? whole;
      const code = typeof decimal === 'string' ? Number(decimal) : Number.parseInt(String(hex), 16);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

function localName(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1);
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

function skipSpace(source: string, from: number): number {
  let at = from;
  while (isSpace(source.charCodeAt(at))) at += 1;
  return at;
}

/** End of a name: up to white space, `=`, `/`, `>`, `<` or a quote. */
function skipName(source: string, from: number): number {
  let at = from;
  for (; at < source.length; at += 1) {
    const code = source.charCodeAt(at);
    const ends = isSpace(code) || code === 0x3d || code === 0x2f || code === 0x3e || code === 0x3c;
    if (ends || code === 0x22 || code === 0x27) break;
  }
  return at;
}
