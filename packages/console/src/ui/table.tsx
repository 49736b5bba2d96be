import type { ReactNode } from 'react';
import styles from './table.module.css';

export interface Column<Row> {
  readonly name: string;
  readonly of: (row: Row) => ReactNode;
  readonly isNumber?: boolean;
}

interface Given<Row> {
  /** What it is a table of. */
  readonly name: string;
  /** The first one names the row. */
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** Where the same numbers are, for a spreadsheet. */
  readonly csv?: string | undefined;
  readonly isHeadingHidden?: boolean;
}

/** A table that scrolls within itself where the page is too narrow for it. */
export function Table<Row>({ name, columns, rows, keyOf, csv, isHeadingHidden = false }: Given<Row>) {
  const classOf = ({ isNumber = false }: Column<Row>): string | undefined => (isNumber ? styles.number : undefined);
  return (
    <div className={styles.block}>
      {!isHeadingHidden && (
        <div className={styles.head}>
          <h3>{name}</h3>
          {csv !== undefined && (
            <a href={csv} download aria-label={`CSV: ${name}`}>
              CSV
            </a>
          )}
        </div>
      )}
      <div className={styles.scroll} role="region" aria-label={name} tabIndex={0}>
        <table className={styles.table} aria-label={name}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column.name} scope="col" className={classOf(column)}>
                  {column.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={keyOf(row)}>
                {columns.map((column, index) =>
                  index === 0 ? (
                    <th key={column.name} scope="row">
                      {column.of(row)}
                    </th>
                  ) : (
                    <td key={column.name} className={classOf(column)}>
                      {column.of(row)}
                    </td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
