import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import { binaryArray, type ArrayType } from '../database/binary-array.js';
import { RowTable, valuesOf } from './row-table.js';

/**
 * What a batch changes, sent to the database as one statement: one part for each table and kind of change, each with all of its rows as arrays. All parts see the
 * rows as they were before, so no two of them may change the same row.
 */
export class Changes {
  private readonly parts: string[] = [];
  private readonly values: unknown[] = [];

  constructor(private readonly manager: EntityManager) {}

  /** Inserts rows, or replaces those with the same key. */
  put<T extends ObjectLiteral>(row: EntityTarget<T>, rows: readonly T[]): void {
    if (rows.length === 0) return;
    const { name, columns, keys } = RowTable.of(this.manager, row);
    const others = columns.filter(({ isKey }) => !isKey);
    this.add(
      `INSERT INTO ${name} (${columns.map((column) => column.name).join(', ')}) SELECT * FROM ${this.unnest(columns, rows)}
       ON CONFLICT (${keys.map((key) => key.name).join(', ')}) DO UPDATE SET ${others.map((column) => `${column.name} = EXCLUDED.${column.name}`).join(', ')}`,
    );
  }

  /**
   * Changes rows that are there, as far as their patches say: what a patch leaves undefined stays.
   * @param once properties that keep their first value
   */
  patch<T extends ObjectLiteral>(
    row: EntityTarget<T>,
    patches: readonly Partial<T>[],
    properties: readonly (keyof T & string)[],
    once: readonly (keyof T & string)[] = [],
  ): void {
    if (patches.length === 0) return;
    const table = RowTable.of(this.manager, row);
    const changed = table.columnsOf([...properties, ...once]);
    const columns = [...table.keys, ...changed];
    const set = changed.map(({ name, property }) =>
      once.includes(property) ? `${name} = COALESCE(old.${name}, new.${name})` : `${name} = COALESCE(new.${name}, old.${name})`,
    );
    const same = table.keys.map(({ name }) => `old.${name} = new.${name}`);
    const source = `${this.unnest(columns, patches)} AS new (${columns.map(({ name }) => name).join(', ')})`;
    this.add(`UPDATE ${table.name} AS old SET ${set.join(', ')} FROM ${source} WHERE ${same.join(' AND ')}`);
  }

  /** Deletes the rows with the keys of these. */
  remove<T extends ObjectLiteral>(row: EntityTarget<T>, rows: readonly Partial<T>[]): void {
    if (rows.length === 0) return;
    const { name, keys } = RowTable.of(this.manager, row);
    const same = keys.map((key) => `${name}.${key.name} = gone.${key.name}`);
    this.add(
      `DELETE FROM ${name} USING ${this.unnest(keys, rows)} AS gone (${keys.map((key) => key.name).join(', ')}) WHERE ${same.join(' AND ')}`,
    );
  }

  /** Deletes all rows of runs, but for the keys of those that the same changes put. */
  removeRuns<T extends ObjectLiteral>(row: EntityTarget<T>, workflowIds: ReadonlySet<number>, kept: readonly Partial<T>[] = []): void {
    if (workflowIds.size === 0) return;
    const { name, keys } = RowTable.of(this.manager, row);
    const names = keys.map((key) => key.name).join(', ');
    const except = kept.length === 0 ? '' : ` AND (${names}) NOT IN (SELECT * FROM ${this.unnest(keys, kept)})`;
    this.add(`DELETE FROM ${name} WHERE workflow_id = ANY(${this.array('bigint', [...workflowIds])})${except}`);
  }

  /** A change in words of its own. */
  add(statement: string): void {
    this.parts.push(statement);
  }

  /** The place of a text in such a change. */
  text(value: string): string {
    return `$${this.values.push(value)}::text`;
  }

  /** The place of an array in such a change. */
  array(type: ArrayType, values: readonly unknown[]): string {
    return `$${this.values.push(binaryArray(type, values))}::${type}[]`;
  }

  /** How many there are. */
  get size(): number {
    return this.parts.length;
  }

  async run(): Promise<void> {
    const last = this.parts.pop();
    if (last === undefined) return;
    const before = this.parts.map((part, index) => `part_${index} AS (${part})`);
    await this.manager.query(before.length === 0 ? last : `WITH ${before.join(',\n')}\n${last}`, this.values);
  }

  private unnest(columns: RowTable<ObjectLiteral>['columns'], rows: readonly ObjectLiteral[]): string {
    return `unnest(${columns.map((column) => this.array(column.type, valuesOf(column, rows))).join(', ')})`;
  }
}
