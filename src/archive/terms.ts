import type { Decision } from '../policy/types.ts';

/** In what form a recording is kept, and what of the wish cannot be had here (S10). */
export interface Form {
  readonly container: 'auto' | 'flac';
  readonly warnings: readonly string[];
}

const AS_RECORDED: readonly string[] = ['auto', 'original', 'wav'];

/** A wish that cannot be met loses nothing: the recording is kept as it came, with a warning. */
export function formOf({ format = null, storeId = null }: Decision): Form {
  const warnings: string[] = [];
  if (format !== null && format !== 'flac' && !AS_RECORDED.includes(format)) {
    warnings.push(`The format "${format}" is not known here: the recording is kept as it came.`);
  }
  if (storeId !== null && storeId !== 'default') {
    warnings.push(`The store "${storeId}" is not known here: the recording is kept in the vault of this node.`);
  }
  return { container: format === 'flac' ? 'flac' : 'auto', warnings };
}
