import type { DataSource, EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import type { ArrayType } from '../database/binary-array.js';

interface RowColumn {
  readonly property: string;
  /** Quoted. */
  readonly name: string;
  /** Its type in Postgres. */
  readonly type: ArrayType;
  readonly isKey: boolean;
  /** The value as the driver takes it. */
  readonly to: (value: unknown) => unknown;
}

/** The table of a row class, as SQL needs it. */
export class RowTable<T extends ObjectLiteral> {
  private constructor(
    readonly name: string,
    readonly columns: readonly RowColumn[],
  ) {}

  private static readonly known = new WeakMap<DataSource, Map<EntityTarget<ObjectLiteral>, RowTable<ObjectLiteral>>>();

  static of<T extends ObjectLiteral>({ connection }: EntityManager, row: EntityTarget<T>): RowTable<T> {
    const tables = this.known.get(connection) ?? new Map<EntityTarget<ObjectLiteral>, RowTable<ObjectLiteral>>();
    this.known.set(connection, tables);
    const table = tables.get(row) ?? this.describe(connection, row);
    tables.set(row, table);
    return table;
  }

  private static describe(connection: DataSource, row: EntityTarget<ObjectLiteral>): RowTable<ObjectLiteral> {
    const { tableName, columns } = connection.getMetadata(row);
    return new RowTable(
      tableName,
      columns.map(({ propertyName, databaseName, type, isPrimary, transformer }) => ({
        property: propertyName,
        name: `"${databaseName}"`,
        type: type as ArrayType,
        isKey: isPrimary,
        to: (value) => (transformer && !Array.isArray(transformer) ? (transformer.to(value) as unknown) : value),
      })),
    );
  }

  get keys(): readonly RowColumn[] {
    return this.columns.filter(({ isKey }) => isKey);
  }

  /** @throws Error for a property without a column */
  columnsOf(properties: readonly (keyof T & string)[]): readonly RowColumn[] {
    return properties.map((wanted) => {
      const column = this.columns.find(({ property }) => property === wanted);
      if (!column) throw new Error(`${this.name} has no column for ${wanted}`);
      return column;
    });
  }
}

/** One column's values of all rows; null where a row does not say. */
export const valuesOf = ({ property, to }: RowColumn, rows: readonly ObjectLiteral[]): readonly unknown[] =>
  rows.map((row) => (row[property] === undefined ? null : to(row[property])));
