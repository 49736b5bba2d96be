import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { until } from '@lifeos/test-support';
import type { Expectation } from '../src/log/append-decision.js';
import { followAll } from '../src/log/follow.js';
import { StreamLog, type AppendOutcome } from '../src/log/stream-log.js';
import { TOMBSTONE_REVISION, type EventRecord } from '../src/log/event-record.js';
import type { Direction } from '../src/log/log-reader.js';
import { LogStore } from '../src/log/log-store.js';
import { verifyWholeLog } from '../src/log/verify-log.js';
import { ModelLog, type ModelEvent, type ModelResult, type NewEvent } from './support/model-log.js';

const TICKS_PER_SECOND = 10_000_000n;

/** What is common to both sides. The model does not know positions: the log's are only asked to grow. */
const shape = (record: EventRecord) => ({
  stream: record.stream,
  revision: record.revision === TOMBSTONE_REVISION ? 'tombstone' : record.revision,
  type: record.type,
  data: Buffer.from(record.data).toString(),
});
const expectedShape = ({ stream, revision, type, data }: ModelEvent) => ({ stream, revision, type, data });

/** A follower of `$all`, and how many events there were when it began. */
interface Follower {
  readonly from: number;
  readonly received: EventRecord[];
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/** The log under test, over its restarts. */
class RealLog {
  log: StreamLog;
  readonly followers: Follower[] = [];
  private readonly model: ModelLog;

  constructor(
    private readonly dataDir: string,
    model: ModelLog,
  ) {
    this.model = model;
    this.log = this.open();
  }

  private open(): StreamLog {
    return StreamLog.open({ dataDir: this.dataDir, now: () => BigInt(this.model.now) * TICKS_PER_SECOND });
  }

  async restart(): Promise<void> {
    await this.settleFollowers();
    await this.log.close();
    const store = LogStore.open(this.dataDir);
    expect(verifyWholeLog(store).events).toBe(this.model.all.length);
    await store.close();
    this.log = this.open();
  }

  follow(): void {
    const stop = new AbortController();
    const received: EventRecord[] = [];
    const events = followAll(this.log, 'end', undefined, stop.signal);
    const done = (async () => {
      for await (const message of events) if (message.kind === 'events') received.push(...message.events);
    })();
    this.followers.push({ from: this.model.all.length, received, stop, done });
  }

  /** Each has got all that was appended since it began, once and in order. */
  async settleFollowers(): Promise<void> {
    for (const { from, received, stop, done } of this.followers.splice(0)) {
      const wanted = this.model.all.slice(from);
      await until('the followers', () => received.length >= wanted.length);
      stop.abort();
      await done;
      expect(received.map(shape)).toEqual(wanted.map(expectedShape));
    }
  }

  async end(): Promise<void> {
    for (const { stop, done } of this.followers) {
      stop.abort();
      await done;
    }
    await this.log.close();
  }
}

const proposed = (stream: string, { id, data }: NewEvent) => ({
  id: Buffer.from(id, 'hex'),
  type: stream.startsWith('$$') ? '$metadata' : 'counted',
  isJson: true,
  data: Buffer.from(data),
  metadata: Buffer.alloc(0),
});

function compare(actual: AppendOutcome, expected: ModelResult): void {
  switch (expected.kind) {
    case 'written':
    case 'idempotent':
      expect(actual).toMatchObject({ kind: 'written', revision: expected.revision });
      break;
    case 'wrong-expected-version':
      expect(actual).toEqual({ kind: 'wrong-expected-version', current: expected.current });
      break;
    case 'stream-deleted':
      expect(actual).toEqual({ kind: 'stream-deleted' });
      break;
  }
}

type Command = fc.AsyncCommand<ModelLog, RealLog>;

/** One call to the log, as the model and the log are given it. */
interface Call {
  readonly text: string;
  readonly onModel: (model: ModelLog) => ModelResult;
  readonly onLog: (log: StreamLog) => Promise<AppendOutcome>;
}

/** Calls made at once, none waiting for the others: they take effect in their order all the same. */
class AtOnce implements Command {
  constructor(private readonly calls: readonly Call[]) {}

  check(): boolean {
    return true;
  }

  async run(model: ModelLog, { log }: RealLog): Promise<void> {
    const answers = this.calls.map(({ onLog }) => onLog(log));
    const expected = this.calls.map(({ onModel }) => onModel(model));
    (await Promise.all(answers)).forEach((answer, index) => compare(answer, expected[index]!));
  }

  toString(): string {
    return this.calls.map(({ text }) => text).join(' | ');
  }
}

const command = (text: string, run: (model: ModelLog, real: RealLog) => Promise<void> | void): Command => ({
  check: () => true,
  run: async (model, real) => run(model, real),
  toString: () => text,
});

function readStream(log: StreamLog, stream: string, from: number, direction: Direction, limit: number) {
  const found: EventRecord[] = [];
  for (let next = from; ;) {
    const page = log.read.stream(stream, next, direction, limit);
    if (page.status !== 'found') return page.status;
    expect(page.events.length).toBeLessThanOrEqual(limit);
    found.push(...page.events);
    if (page.isEnd) return found.map(shape);
    next = page.next;
  }
}

function readAll(log: StreamLog, direction: Direction, limit: number): EventRecord[] {
  const found: EventRecord[] = [];
  for (let next = direction === 'forwards' ? 0 : log.end; ;) {
    const page = log.read.all(next, direction, limit);
    found.push(...page.events);
    if (page.isEnd) return found;
    next = page.next;
  }
}

const streamName = fc.constantFrom('a', 'b', 'c');
const expectation = fc.oneof(
  fc.constantFrom('any', 'no_stream', 'stream_exists'),
  fc.integer({ min: 0, max: 8 }),
) as fc.Arbitrary<Expectation>;
/** Few, so that repeats, in and out of order, happen. */
const ids = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 4 });
const idOf = (n: number): string => n.toString(16).padStart(32, '0');
const metadata = fc.record(
  {
    $maxCount: fc.integer({ min: 1, max: 4 }),
    $maxAge: fc.integer({ min: 1, max: 20 }),
    $tb: fc.integer({ min: 0, max: 6 }),
    own: fc.string({ maxLength: 5 }),
  },
  { requiredKeys: [] },
);

const appendCall = (stream: string, expected: Expectation, events: readonly NewEvent[]): Call => ({
  text: `append ${events.map(({ id }) => id.replace(/^0+/, '')).join(',')} to ${stream} at ${expected}`,
  onModel: (model) => model.append(stream, expected, events),
  onLog: (log) =>
    log.append(
      stream,
      expected,
      events.map((event) => proposed(stream, event)),
    ),
});

const append = fc.tuple(streamName, expectation, ids).map(([stream, expected, numbers]) =>
  appendCall(
    stream,
    expected,
    numbers.map((n) => ({ id: idOf(n), data: `{"n":${n}}` })),
  ),
);
/** As most writers append: at the very end, with ids of their own. */
const extend = fc.tuple(streamName, fc.array(fc.uuid(), { minLength: 1, maxLength: 5 })).map(([stream, uuids]) =>
  appendCall(
    stream,
    'any',
    uuids.map((uuid) => ({ id: uuid.replaceAll('-', ''), data: '{}' })),
  ),
);
const describeStream = fc
  .tuple(streamName, expectation, metadata, fc.uuid())
  .map(([stream, expected, values, uuid]) =>
    appendCall(`$$${stream}`, expected, [{ id: uuid.replaceAll('-', ''), data: JSON.stringify(values) }]),
  );
const deletion = fc.tuple(streamName, expectation).map(([stream, expected]): Call => ({
  text: `delete ${stream} at ${expected}`,
  onModel: (model) => model.delete(stream, expected),
  onLog: (log) => log.delete(stream, expected),
}));
const ending = fc.tuple(streamName, expectation).map(([stream, expected]): Call => ({
  text: `tombstone ${stream} at ${expected}`,
  onModel: (model) => model.tombstone(stream, expected),
  onLog: (log) => log.tombstone(stream, expected),
}));
const call = fc.oneof(
  { weight: 4, arbitrary: append },
  { weight: 4, arbitrary: extend },
  { weight: 3, arbitrary: describeStream },
  { weight: 2, arbitrary: deletion },
  { weight: 1, arbitrary: ending },
);

const direction = fc.constantFrom<Direction>('forwards', 'backwards');
const readAStream = fc
  .tuple(
    fc.oneof(
      streamName,
      streamName.map((name) => `$$${name}`),
    ),
    fc.integer({ min: 0, max: 12 }),
    direction,
    fc.integer({ min: 1, max: 5 }),
  )
  .map(([stream, from, way, limit]) =>
    command(`read ${stream} ${way} from ${from}, ${limit} at a time`, (model, { log }) => {
      const shown = model.shown(stream);
      const isWanted = ({ revision }: ModelEvent) => (way === 'forwards' ? Number(revision) >= from : Number(revision) <= from);
      const wanted = typeof shown === 'string' ? shown : shown.filter(isWanted).map(expectedShape);
      if (way === 'backwards' && typeof wanted !== 'string') wanted.reverse();
      expect(readStream(log, stream, from, way, limit)).toEqual(wanted);
    }),
  );
const readEverything = fc.tuple(direction, fc.integer({ min: 1, max: 7 })).map(([way, limit]) =>
  command(`read $all ${way}, ${limit} at a time`, (model, { log }) => {
    const found = readAll(log, way, limit);
    if (way === 'backwards') found.reverse();
    expect(found.map(shape)).toEqual(model.all.map(expectedShape));
    found.forEach(({ position }, index) => expect(position).toBeGreaterThan(found[index - 1]?.position ?? 0));
    model.all.forEach(({ id }, index) => id === undefined || expect(found[index]!.id.toString('hex')).toBe(id));
  }),
);
const passTime = fc.integer({ min: 1, max: 10 }).map((seconds) => command(`${seconds} s pass`, (model) => void (model.now += seconds)));

const commands = fc.commands(
  [
    fc.array(call, { minLength: 1, maxLength: 6 }).map((calls) => new AtOnce(calls)),
    readAStream,
    readEverything,
    passTime,
    fc.constant(command('follow', (_, real) => real.follow())),
    fc.constant(command('restart', (_, real) => real.restart())),
  ],
  { maxCommands: 60, size: 'max' },
);

describe('the event log beside a model of it', () => {
  it('answers, shows and keeps the same, over restarts', async () => {
    const parent = await mkdtemp(path.join(tmpdir(), 'log-and-model-'));
    let run = 0;
    try {
      await fc.assert(
        fc.asyncProperty(commands, async (all) => {
          const model = new ModelLog();
          const real = new RealLog(path.join(parent, String(run++)), model);
          try {
            await fc.asyncModelRun(() => ({ model, real }), all);
            await real.restart();
          } finally {
            await real.end();
          }
        }),
        { numRuns: Number(process.env['TEST_MODEL_RUNS'] ?? 150) },
      );
    } finally {
      await rm(parent, { recursive: true, force: true });
    }
  }, 300_000);
});
