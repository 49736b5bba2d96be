import type { ScheduleCommand } from '../../../src/domain/schedule/schedule.commands.js';
import { decide } from '../../../src/domain/schedule/schedule.decider.js';
import type { ScheduleDefinition, ScheduleEvent } from '../../../src/domain/schedule/schedule.events.js';
import { evolve, type ScheduleState } from '../../../src/domain/schedule/schedule.state.js';

const DEFINITION: ScheduleDefinition = {
  userId: 7,
  intent: 'find a job',
  cron: '0 7 * * *',
  timeZone: 'Europe/Berlin',
  overlap: 'skip',
  catchUp: 'last',
};
const NOW = '2026-03-01T00:00:00.000Z';
const LATER = '2026-03-02T00:00:00.000Z';
const create: ScheduleCommand = { type: 'CreateSchedule', data: { definition: DEFINITION } };
const pause: ScheduleCommand = { type: 'PauseSchedule', data: { decidedBy: 7, reason: 'holidays' } };
const resume: ScheduleCommand = { type: 'ResumeSchedule', data: {} };
const remove: ScheduleCommand = { type: 'DeleteSchedule', data: { decidedBy: 7 } };
const skip = (scheduledFor: string, count?: number): ScheduleCommand => ({
  type: 'SkipOccurrence',
  data: { scheduledFor, because: 'missed', ...(count === undefined ? {} : { count }) },
});

const decideAt = (at: string, state: ScheduleState, command: ScheduleCommand): readonly ScheduleEvent[] => decide(3, command, state, at);
const given = (...commands: readonly ScheduleCommand[]): ScheduleState =>
  commands.reduce<ScheduleState>((state, command) => decideAt(NOW, state, command).reduce(evolve, state), undefined);

describe('a schedule', () => {
  it('is created once', () => {
    expect(decideAt(NOW, undefined, create)).toEqual([
      { type: 'ScheduleCreated', data: { scheduleId: 3, at: NOW, definition: DEFINITION } },
    ]);
    expect(decideAt(NOW, given(create), create)).toEqual([]);
    expect(given(create)).toMatchObject({ status: 'active', activeSince: NOW, skipped: 0 });
  });

  it('is paused and resumed, with who and why, and counts from when it was resumed', () => {
    expect(decideAt(LATER, given(create), pause)).toEqual([
      { type: 'SchedulePaused', data: { scheduleId: 3, at: LATER, decidedBy: 7, reason: 'holidays' } },
    ]);
    const paused = given(create, pause);
    const resumed = decideAt(LATER, paused, resume).reduce(evolve, paused);
    expect(resumed).toMatchObject({ status: 'active', activeSince: LATER, createdAt: NOW });
  });

  it.each([
    ['pause', given(create, pause), pause],
    ['resume', given(create), resume],
    ['delete', given(create, remove), remove],
  ] as const)('ignores a second %s', (_, state, command) => expect(decideAt(LATER, state, command)).toEqual([]));

  it.each([pause, resume, skip(LATER)])('refuses $type once it is deleted', (command) => {
    expect(() => decideAt(LATER, given(create, remove), command)).toThrow('was deleted');
  });

  it.each([pause, resume, remove, skip(LATER)])('refuses $type where it was never created', (command) => {
    expect(() => decideAt(LATER, undefined, command)).toThrow('There is no schedule 3');
  });

  it('counts what was skipped, each occurrence once', () => {
    const state = given(create, skip('2026-03-03T06:00:00.000Z', 3));
    expect(state).toMatchObject({ skipped: 3, skippedUpTo: '2026-03-03T06:00:00.000Z' });
    expect(decideAt(LATER, state, skip('2026-03-03T06:00:00.000Z'))).toEqual([]);
    expect(decideAt(LATER, state, skip('2026-03-02T06:00:00.000Z'))).toEqual([]);
    expect(decideAt(LATER, state, skip('2026-03-04T06:00:00.000Z'))).toHaveLength(1);
  });

  it('records nothing of occurrences from before it was active, nor while it is paused', () => {
    expect(decideAt(LATER, given(create), skip(NOW))).toEqual([]);
    expect(decideAt(LATER, given(create, pause), skip('2026-03-03T06:00:00.000Z'))).toEqual([]);
  });
});
