import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { EVENT_LOG, type EventLog } from '../ports/event-log.js';

/** How far the log is: the position of its last event, 0n if there is none. @throws EventLogUnavailable */
export class GetLogPosition extends Query<bigint> {}

@QueryHandler(GetLogPosition)
export class GetLogPositionHandler implements IQueryHandler<GetLogPosition> {
  constructor(@Inject(EVENT_LOG) private readonly log: EventLog) {}

  execute(): Promise<bigint> {
    return this.log.headPosition();
  }
}
