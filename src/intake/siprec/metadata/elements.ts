import { cleanId, cleanText } from '../text.ts';
import { readTime } from './times.ts';
import type { ExtensionValue } from './types.ts';
import type { XmlElement } from './xml.ts';

/** The first child of one of these names, in any letter case. */
export function child(element: XmlElement, ...names: string[]): XmlElement | undefined {
  return element.children.find((one) => names.includes(one.name.toLowerCase()));
}

export function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((one) => one.name.toLowerCase() === name);
}

/** An id from the first attribute of these names that is there; empty when there is none. */
export function idOf(element: XmlElement, ...names: string[]): string {
  for (const name of names) {
    const value = element.attributes.get(name);
    if (value !== undefined) return cleanId(value.trim());
  }
  return '';
}

/** The ids that an element holds: in `<id>` children, else as its text, else in an attribute. One empty id when it is empty. */
export function idsIn(element: XmlElement): string[] {
  const inner = childrenOf(element, 'id');
  if (inner.length > 0) return inner.map((one) => cleanId(one.text.trim()));
  const text = element.text.trim();
  if (text !== '') return [cleanId(text)];
  return [idOf(element, 'id', 'stream_id', 'stream')];
}

export function textOf(element: XmlElement | undefined): string | undefined {
  if (element === undefined) return undefined;
  const text = cleanText(element.text);
  return text === '' ? undefined : text;
}

export function timeIn(element: XmlElement, ...names: string[]): number | undefined {
  const found = child(element, ...names);
  return found === undefined ? undefined : readTime(found.text);
}

/** Sets of extension leaves are cut here; real clients send a few dozen. */
const EXTENSION_LIMIT = 512;
const EXTENSION_TEXT = 1024;

/** Collects the leaves below an element that RFC 7865 does not know. */
export function collectExtensions(
  element: XmlElement,
  owner: ExtensionValue['owner'],
  ownerId: string,
  into: ExtensionValue[],
  path = '',
): void {
  if (into.length >= EXTENSION_LIMIT) return;
  const envelope = path === '' && element.name.toLowerCase() === 'extensiondata';
  const here = envelope ? '' : cleanText(path === '' ? element.name : `${path}/${element.name}`);
  for (const inner of element.children) collectExtensions(inner, owner, ownerId, into, here);
  const value = cleanText(element.text, EXTENSION_TEXT);
  if (envelope || (element.children.length > 0 && value === '') || into.length >= EXTENSION_LIMIT) return;
  const attributes = [...element.attributes].map(([name, text]) => [cleanText(name), cleanText(text)] as const);
  into.push({ owner, ownerId, path: here, value, attributes: Object.fromEntries(attributes) });
}
