import type { Page, PageRequest, ScheduleFilter, SchedulesReader, ScheduleView } from '../../../application/ports/read-models.js';
import type { Database } from '../database/database.js';
import { keyOf, pageOf } from '../database/keyset.js';
import { translateFaults } from '../database/translate-faults.js';
import { ScheduleRow } from './schedule.row.js';

const viewOf = ({ revision: _revision, ...view }: ScheduleRow): ScheduleView => view;

export class DatabaseSchedulesReader implements SchedulesReader {
  constructor(private readonly database: Database) {}

  find(scheduleId: number): Promise<ScheduleView | undefined> {
    return translateFaults(async () => {
      const row = await this.database.source.manager.findOneBy(ScheduleRow, { scheduleId });
      return row ? viewOf(row) : undefined;
    });
  }

  list({ userId, state }: ScheduleFilter, { cursor, limit }: PageRequest): Promise<Page<ScheduleView>> {
    return translateFaults(async () => {
      const query = this.database.source.manager
        .createQueryBuilder(ScheduleRow, 'schedule')
        .orderBy('schedule.schedule_id', 'DESC')
        .limit(limit + 1);
      if (userId !== undefined) query.andWhere('schedule.user_id = :userId', { userId });
      if (state !== undefined) query.andWhere('schedule.state = :state', { state });
      if (cursor !== undefined) query.andWhere('schedule.schedule_id < :before', { before: keyOf(cursor, 1)[0] });
      return pageOf(await query.getMany(), limit, ({ scheduleId }) => [scheduleId], viewOf);
    });
  }

  active(): Promise<readonly ScheduleView[]> {
    return translateFaults(async () =>
      (await this.database.source.manager.find(ScheduleRow, { where: { state: 'active' }, order: { scheduleId: 'ASC' } })).map(viewOf),
    );
  }

  countActive(): Promise<number> {
    return translateFaults(() => this.database.source.manager.countBy(ScheduleRow, { state: 'active' }));
  }
}
