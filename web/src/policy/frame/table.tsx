import { Badge } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Entry } from '../../directory/types.ts';
import { useMay } from '../../session/session.ts';
import classes from './frame.module.css';

interface Column<V> {
  readonly label: string;
  readonly cell: (entry: Entry<V>) => ReactNode;
}

interface Props<V> {
  readonly label: string;
  readonly entries: readonly Entry<V>[];
  /** Heading of the first column, which holds the name. */
  readonly name: string;
  readonly columns: readonly Column<V>[];
}

/** Entries as rows; the whole row opens its editor. On a narrow screen each is a card. */
export function EntryTable<V>({ label, entries, name, columns }: Props<V>) {
  return (
    <div className={classes.panel}>
      <table className={classes.table} aria-label={label}>
        <thead>
          <tr>
            <th scope="col">{name}</th>
            {columns.map((column) => (
              <th key={column.label} scope="col">
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.id}>
              <td>
                <EntryLink entry={entry} />
                <SourceBadge source={entry.source} />
              </td>
              {columns.map((column) => (
                <td key={column.label} data-label={column.label}>
                  {column.cell(entry)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The name, leading to the editor where one may change it. */
export function EntryLink({ entry }: { readonly entry: Pick<Entry<unknown>, 'id' | 'name'> }) {
  const may = useMay();
  const name = entry.name === '' ? 'Without a name' : entry.name;
  if (!may('directory.change')) return <span className={classes.name}>{name}</span>;
  return (
    <Link
      to="."
      search={(now) => ({ ...now, edit: entry.id })}
      resetScroll={false}
      className={classes.rowLink}
      data-row-link
    >
      {name}
    </Link>
  );
}

function SourceBadge({ source }: { readonly source: Entry<unknown>['source'] }) {
  if (source === null) return null;
  return (
    <Badge color="gray" ml={8} title={`Comes from an import (${source.toUpperCase()}); the next one may overwrite it.`}>
      {source.toUpperCase()}
    </Badge>
  );
}
