import { isDeepStrictEqual } from 'node:util';
import type { Draft, Edit } from '../change/draft.ts';
import type { Fault } from '../check/fault.ts';
import type { FieldChange, ImportFault, ImportResult } from '../port.ts';

/** What is noted while rows become edits: faults by line, and the line of each entry for faults that show later. */
export class Report {
  readonly faults: ImportFault[] = [];
  readonly warnings: string[] = [];
  /** Names of entries that were made by hand until now. */
  readonly handMade: string[] = [];
  readonly #lines = new Map<string, number | null>();
  /** Entries that rows meant. */
  rows = 0;

  fault(line: number | null, column: string | null, message: string): void {
    this.faults.push({ line, column, message });
  }

  /** The row of this line is this entry. @returns the line that meant it before, or undefined */
  meant(kind: string, id: string, line: number | null): number | null | undefined {
    const key = `${kind}/${id}`;
    const before = this.#lines.get(key);
    this.#lines.set(key, line);
    this.rows += 1;
    return before;
  }

  isMeant(kind: string, id: string): boolean {
    return this.#lines.has(`${kind}/${id}`);
  }

  /** A fault of a checked entry, in the words of the file. */
  told({ kind, id, field, message }: Fault, headingOf: (field: string) => string | null): ImportFault {
    const line = this.#lines.get(`${kind}/${id}`) ?? null;
    return { line, column: field === null ? null : headingOf(field), message };
  }
}

/** What changed, entry by entry and field by field. */
export function diffOf(draft: Draft): Pick<ImportResult, 'created' | 'changed' | 'deleted'> {
  const { edits } = draft;
  return {
    created: edits.flatMap(({ kind, before, after }) =>
      before === null && after !== null ? [{ name: after.name, kind, value: after.value }] : [],
    ),
    changed: edits.flatMap(({ kind, before, after, id }) =>
      before === null || after === null
        ? []
        : [{ name: after.name, kind, fields: fieldsOf({ kind, id, before, after }) }],
    ),
    deleted: edits.flatMap(({ kind, before, after }) =>
      before !== null && after === null ? [{ name: before.name, kind }] : [],
    ),
  };
}

function fieldsOf({ before, after }: Edit): FieldChange[] {
  const old = { ...before?.value } as Record<string, unknown>;
  const fresh = { ...after?.value } as Record<string, unknown>;
  const fields = [...new Set([...Object.keys(old), ...Object.keys(fresh)])]
    .sort()
    .filter((field) => !isDeepStrictEqual(old[field], fresh[field]))
    .map((field) => ({ field, before: old[field] ?? null, after: fresh[field] ?? null }));
  if (before?.source === after?.source) return fields;
  return [...fields, { field: 'source', before: before?.source ?? null, after: after?.source ?? null }];
}
