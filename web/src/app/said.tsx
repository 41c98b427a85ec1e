/** A sentence of the API, in which `npx …` stands between backticks. */
export function Said({ text }: { readonly text: string }) {
  return text.split('`').map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : part));
}
