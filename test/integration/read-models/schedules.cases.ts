import fc from 'fast-check';
import type { RecordedEvent } from '../../../src/application/ports/event-log.js';
import type { ScheduleView } from '../../../src/application/ports/read-models.js';
import { scheduleStream } from '../../../src/application/schedules/schedule-codec.js';
import type { JsonObject } from '../../../src/domain/json.js';
import type { ScheduleCommand } from '../../../src/domain/schedule/schedule.commands.js';
import { decide } from '../../../src/domain/schedule/schedule.decider.js';
import type { ScheduleDefinition, ScheduleEvent } from '../../../src/domain/schedule/schedule.events.js';
import { evolve, type ScheduleState } from '../../../src/domain/schedule/schedule.state.js';
import type { Database } from '../../../src/infrastructure/read-models/database/database.js';
import { DatabaseSchedulesReader } from '../../../src/infrastructure/read-models/schedules/schedules.reader.js';
import { DatabaseWorkflowsReader } from '../../../src/infrastructure/read-models/workflows/workflows.reader.js';
import { emptyAll } from './support/databases.js';
import { project } from './support/projecting.js';
import { logOf, Run, START } from './support/run.js';

const DEFINITION: ScheduleDefinition = {
  userId: 7,
  intent: 'an intent',
  cron: '*/5 * * * *',
  timeZone: 'UTC',
  overlap: 'skip',
  catchUp: 'last',
};
const time = (n: number): string => new Date(START + n * 60_000).toISOString();

type Move =
  | { readonly kind: 'command'; readonly scheduleId: number; readonly command: ScheduleCommand }
  | { readonly kind: 'run'; readonly scheduleId: number; readonly isTriggered: boolean };

/** One log of what happens to schedules, and what the fold makes of it. */
class History {
  readonly log: RecordedEvent[] = [];
  private readonly states = new Map<number, ScheduleState>();
  private readonly last = new Map<number, Pick<ScheduleView, 'lastScheduledFor' | 'lastWorkflowId' | 'lastOccurrenceId'>>();
  private workflowId = 0;
  private now = 0;

  create(scheduleId: number, change: Partial<ScheduleDefinition> = {}): this {
    return this.do(scheduleId, { type: 'CreateSchedule', data: { definition: { ...DEFINITION, ...change } } });
  }

  do(scheduleId: number, command: ScheduleCommand): this {
    this.now += 1;
    let events: readonly ScheduleEvent[] = [];
    try {
      events = decide(scheduleId, command, this.states.get(scheduleId), time(this.now));
    } catch {
      // Refused: nothing happened.
    }
    for (const event of events) this.record(scheduleStream(scheduleId), event.type, event.data as unknown as JsonObject);
    this.states.set(scheduleId, events.reduce(evolve, this.states.get(scheduleId)));
    return this;
  }

  run(scheduleId: number, isTriggered = false): this {
    this.now += 1;
    this.workflowId += 1;
    const scheduledFor = time(this.now);
    const submitted = logOf([new Run(this.workflowId).submit()])[0]!;
    const schedule = isTriggered ? { scheduleId } : { scheduleId, scheduledFor };
    this.record(submitted.streamId, submitted.type, { ...submitted.data, schedule });
    const before = this.last.get(scheduleId) ?? { lastScheduledFor: null, lastOccurrenceId: null };
    const occurrence = isTriggered ? before : { lastScheduledFor: scheduledFor, lastOccurrenceId: this.workflowId };
    this.last.set(scheduleId, { ...occurrence, lastWorkflowId: this.workflowId });
    return this;
  }

  move(move: Move): this {
    return move.kind === 'run' ? this.run(move.scheduleId, move.isTriggered) : this.do(move.scheduleId, move.command);
  }

  /** As the read model must answer, newest first. */
  get views(): ScheduleView[] {
    return [...this.states.values()]
      .flatMap((state): ScheduleView[] => {
        if (!state) return [];
        const { scheduleId, definition, status, createdAt, activeSince, skippedUpTo, skipped } = state;
        const { userId, intent, cron, timeZone, overlap, catchUp, endsAt = null } = definition;
        const last = this.last.get(scheduleId) ?? { lastScheduledFor: null, lastWorkflowId: null, lastOccurrenceId: null };
        const own = { scheduleId, state: status, createdAt, activeSince, skippedUpTo, skipped };
        return [{ ...own, userId, intent, cron, timeZone, overlap, catchUp, endsAt, ...last }];
      })
      .sort((one, other) => other.scheduleId - one.scheduleId);
  }

  private record(streamId: string, type: string, data: JsonObject): void {
    const revision = this.log.filter((event) => event.streamId === streamId).length;
    this.log.push({
      id: `${streamId}/${revision}`,
      streamId,
      revision,
      position: BigInt(100 + this.log.length * 7),
      type,
      data,
      metadata: {},
    });
  }
}

const moves: fc.Arbitrary<readonly Move[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('run' as const), scheduleId: fc.integer({ min: 1, max: 2 }), isTriggered: fc.boolean() }),
    fc.record({
      kind: fc.constant('command' as const),
      scheduleId: fc.integer({ min: 1, max: 2 }),
      command: fc.oneof(
        fc.constantFrom<ScheduleCommand>(
          { type: 'PauseSchedule', data: { decidedBy: 7 } },
          { type: 'ResumeSchedule', data: {} },
          { type: 'DeleteSchedule', data: { reason: 'done' } },
        ),
        fc.integer({ min: 0, max: 40 }).map((n): ScheduleCommand => {
          return { type: 'SkipOccurrence', data: { scheduledFor: time(n), because: 'missed', count: 2 } };
        }),
      ),
    }),
  ),
  { maxLength: 25 },
);

/** What the read model of schedules makes of a history. */
export function describeSchedules(database: () => Database): void {
  const schedules = () => new DatabaseSchedulesReader(database());

  it('equal the fold of the log, in batches of any size', async () => {
    await fc.assert(
      fc.asyncProperty(moves, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }), async (all, sizes) => {
        await emptyAll(database());
        const history = new History().create(1).create(2, { endsAt: time(500), overlap: 'allow' });
        for (const move of all) history.move(move);
        await project(database(), history.log, sizes);
        expect((await schedules().list({}, { limit: 10 })).items).toEqual(history.views);
        expect(await schedules().find(2)).toEqual(history.views[0]);
        expect(await schedules().countActive()).toBe(history.views.filter(({ state }) => state === 'active').length);
      }),
      { numRuns: 30 },
    );
  });

  it('are found by person and state, a page at a time', async () => {
    const history = new History().create(1).create(2, { userId: 8 }).create(3).do(3, { type: 'PauseSchedule', data: {} }).create(4);
    await project(database(), history.log);
    const idsOf = async (filter: Parameters<DatabaseSchedulesReader['list']>[0]): Promise<number[]> =>
      (await schedules().list(filter, { limit: 10 })).items.map(({ scheduleId }) => scheduleId);
    expect(await idsOf({})).toEqual([4, 3, 2, 1]);
    expect(await idsOf({ userId: 7, state: 'active' })).toEqual([4, 1]);
    expect((await schedules().active()).map(({ scheduleId }) => scheduleId)).toEqual([1, 2, 4]);
    const first = await schedules().list({}, { limit: 3 });
    const second = await schedules().list({}, { limit: 3, cursor: first.nextCursor! });
    expect([first, second].map(({ items }) => items.length)).toEqual([3, 1]);
    expect(second.nextCursor).toBeNull();
    expect(await schedules().find(9)).toBeUndefined();
  });

  it('have runs that say by which schedule they were submitted, and for when', async () => {
    const history = new History().create(1).create(2).run(1).run(2).run(1, true);
    await project(database(), history.log);
    const runs = await new DatabaseWorkflowsReader(database()).list({ scheduleId: 1 }, { limit: 10 });
    expect(runs.items.map(({ workflowId, scheduleId, scheduledFor }) => [workflowId, scheduleId, scheduledFor])).toEqual([
      [3, 1, null],
      [1, 1, time(3)],
    ]);
  });
}
