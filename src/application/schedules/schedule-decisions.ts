import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { JsonObject } from '../../domain/json.js';
import type { ScheduleCommand } from '../../domain/schedule/schedule.commands.js';
import { decide, known } from '../../domain/schedule/schedule.decider.js';
import { evolve, type Schedule, type ScheduleState } from '../../domain/schedule/schedule.state.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import { EVENT_LOG, RevisionConflict, type Actor, type EventLog, type NewEvent } from '../ports/event-log.js';
import { SCHEMA_VERSION } from '../workflow/workflow-codec.js';
import { scheduleEventOf, scheduleStream } from './schedule-codec.js';

export interface KnownSchedule {
  readonly state: ScheduleState;
  /** -1: there is no stream. */
  readonly revision: number;
  /** Of the last event; 0n where there is none. */
  readonly position: bigint;
}

export interface DecidedSchedule {
  readonly schedule: Schedule;
  /** Log position of the schedule's last event. */
  readonly position: bigint;
}

/** The only way to write to a schedule. Its stream is short, and read anew each time. */
@Injectable()
export class ScheduleDecisions {
  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The schedule as the log has it now. @throws EventLogUnavailable */
  async read(scheduleId: number): Promise<KnownSchedule> {
    let read: KnownSchedule = { state: undefined, revision: -1, position: 0n };
    for await (const recorded of this.log.readStream(scheduleStream(scheduleId))) {
      const event = scheduleEventOf(recorded);
      const { revision, position } = recorded;
      read = { state: event ? evolve(read.state, event) : read.state, revision, position };
    }
    return read;
  }

  /** Decides, and again where another process was quicker. @throws DomainError schedule.*; EventLogUnavailable */
  async execute(scheduleId: number, command: ScheduleCommand, actor: Actor): Promise<DecidedSchedule> {
    for (;;) {
      const { state, revision, position } = await this.read(scheduleId);
      const events = decide(scheduleId, command, state, new Date(this.clock.now()).toISOString());
      const schedule = known(scheduleId, events.reduce(evolve, state));
      if (events.length === 0) return { schedule, position };
      const stream = scheduleStream(scheduleId);
      const metadata = { $correlationId: stream, commandId: randomUUID(), actor, schemaVersion: SCHEMA_VERSION };
      const recorded = events.map(({ type, data }): NewEvent => ({
        id: randomUUID(),
        type,
        data: data as unknown as JsonObject,
        metadata,
      }));
      try {
        const appended = await this.log.append(stream, recorded, revision < 0 ? 'no-stream' : revision);
        return { schedule, position: appended.position };
      } catch (error) {
        if (!(error instanceof RevisionConflict)) throw error;
      }
    }
  }
}
