/**
 * Gives memory back at once that nobody reads any more, instead of with a later garbage collection: much of it that waits makes the engine
 * collect the whole heap again and again. The array is empty afterwards. Memory that is shared with other arrays is left alone.
 */
export function freeBytes(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (!(buffer instanceof ArrayBuffer) || bytes.byteLength !== buffer.byteLength || bytes.byteLength === 0) return;
  buffer.transfer(0);
}
