const CHUNK = 64;

/**
 * An immutable array of records with cheap single replacements: rows are kept in chunks, so replacing one copies a chunk and the list of chunks
 * (about 64 + n/64 references), not all n. It keeps the cost of an event nearly independent of the size of a run.
 */
export class StepTable<T> implements Iterable<T> {
  private constructor(
    private readonly chunks: readonly (readonly T[])[],
    readonly length: number,
  ) {}

  static readonly EMPTY: StepTable<never> = new StepTable<never>([], 0);

  static of<T>(rows: readonly T[]): StepTable<T> {
    const chunks: T[][] = [];
    for (let start = 0; start < rows.length; start += CHUNK) chunks.push(rows.slice(start, start + CHUNK));
    return new StepTable(chunks, rows.length);
  }

  /** The row at an index from 0, if there is one. */
  at(index: number): T | undefined {
    if (!Number.isInteger(index) || index < 0) return undefined;
    return this.chunks[Math.floor(index / CHUNK)]?.[index % CHUNK];
  }

  /** The same table with one row replaced. @throws RangeError where there is no such row */
  with(index: number, row: T): StepTable<T> {
    const place = Math.floor(index / CHUNK);
    const chunk = this.chunks[place];
    if (!chunk || index < 0 || index >= this.length) throw new RangeError(`no row ${index} in a table of ${this.length}`);
    return new StepTable(this.chunks.with(place, chunk.with(index % CHUNK, row)), this.length);
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const chunk of this.chunks) yield* chunk;
  }
}
