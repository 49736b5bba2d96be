import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Alerts } from '../../domain/alert/alert.js';
import { AlertWatch } from '../alerts/alert-watch.js';

/** What goes on, and the last that is over, by the log. @throws EventLogUnavailable */
export class ListAlerts extends Query<Alerts> {}

@QueryHandler(ListAlerts)
export class ListAlertsHandler implements IQueryHandler<ListAlerts> {
  constructor(private readonly watch: AlertWatch) {}

  execute(): Promise<Alerts> {
    return this.watch.list();
  }
}
