import type { DataSource, EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';

interface RowColumn {
  readonly property: string;
  /** Quoted. */
  readonly name: string;
  /** Its type in Postgres. */
  readonly type: string;
  readonly isKey: boolean;
  /** The value as the driver takes it. */
  to(value: unknown): unknown;
}

/** The table of a row class, as SQL needs it. */
export class RowTable<T extends ObjectLiteral> {
  private constructor(
    readonly name: string,
    readonly columns: readonly RowColumn[],
  ) {}

  private static readonly known = new WeakMap<DataSource, Map<EntityTarget<ObjectLiteral>, RowTable<ObjectLiteral>>>();

  static of<T extends ObjectLiteral>({ connection }: EntityManager, row: EntityTarget<T>): RowTable<T> {
    let tables = this.known.get(connection);
    if (!tables) this.known.set(connection, (tables = new Map()));
    let table = tables.get(row);
    if (!table) tables.set(row, (table = this.describe(connection, row)));
    return table as RowTable<T>;
  }

  private static describe(connection: DataSource, row: EntityTarget<ObjectLiteral>): RowTable<ObjectLiteral> {
    const { tableName, columns } = connection.getMetadata(row);
    return new RowTable(
      tableName,
      columns.map(({ propertyName, databaseName, type, isPrimary, transformer }) => ({
        property: propertyName,
        name: `"${databaseName}"`,
        type: String(type),
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

/** One column's values of all rows; NULL where a row does not say. */
export const valuesOf = ({ property, to }: RowColumn, rows: readonly ObjectLiteral[]): readonly unknown[] =>
  rows.map((row) => (row[property] === undefined ? null : to(row[property])));
