import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { RecordedEvent } from '../../src/application/ports/event-log.js';

const FOLDER = new URL('./events/', import.meta.url);
const SUMS = 'SHA256SUMS';

/** An event as some version of the engine has stored it. */
export interface GoldenEvent {
  /** Of its file: `<Type>.v<schemaVersion>[.<what is special>].json`. */
  readonly name: string;
  readonly recorded: RecordedEvent;
}

const textOf = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8').replaceAll('\r\n', '\n');

export const goldenNames = (): readonly string[] =>
  readdirSync(FOLDER)
    .filter((name) => name !== SUMS && name !== 'README.md')
    .sort();

export const goldenEvents = (): readonly GoldenEvent[] =>
  goldenNames().map((name, index) => {
    const event = JSON.parse(textOf(name)) as Pick<RecordedEvent, 'streamId' | 'type' | 'data' | 'metadata'>;
    return { name, recorded: { ...event, id: name, revision: 5, position: BigInt(1 + index) } };
  });

export const sumOf = (name: string): string => createHash('sha256').update(textOf(name)).digest('hex');

/** Sums by the names of the files, as they were when these were added. */
export const recordedSums = (): ReadonlyMap<string, string> =>
  new Map(
    textOf(SUMS)
      .trimEnd()
      .split('\n')
      .map((line): [string, string] => {
        const [sum = '', name = ''] = line.split('  ');
        return [name, sum];
      }),
  );
