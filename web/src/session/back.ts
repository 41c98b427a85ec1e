/** Where to go after the sign-in: an address of our own, never one of another site. */
export function readBack(search: Record<string, unknown>): { back?: string } {
  const { back } = search;
  return typeof back === 'string' && /^\/(?![/\\])/.test(back) ? { back } : {};
}
