/** So many texts are remembered: more than one message has that are read again and again. */
const MOST = 16;

/**
 * Reads a text that was read lately no second time: each layer asks the same few headers of a message for what it needs. What the last texts were read
 * as is shared, so that nobody may change it; a text that cannot be read is read again.
 */
export function lately<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const value = read(text);
    if (known.size >= MOST) known.delete(known.keys().next().value!);
    known.set(text, value);
    return value;
  };
}
