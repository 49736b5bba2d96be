import type { AlertSignsReader, StillRuns, WaitingApprovals } from '../../application/ports/alerts.js';
import type { Database } from './database/database.js';
import { translateFaults } from './database/translate-faults.js';

/** Runs that are named. */
const MOST_NAMED = 20;

/** $1: since when nothing has happened. Times are texts of one form, so that they are in order as texts. */
const STILL = `
  SELECT workflow_id, count(*) OVER ()::integer AS count FROM workflows AS run
  WHERE state IN ('PLANNING', 'RUNNING', 'CANCELLING') AND fork_of IS NULL AND created_at < $1 AND (start_at IS NULL OR start_at < $1)
    AND NOT EXISTS (SELECT FROM approvals WHERE approvals.workflow_id = run.workflow_id AND status = 'required')
    AND NOT EXISTS (SELECT FROM timeline WHERE timeline.workflow_id = run.workflow_id AND timeline.at >= $1)
  ORDER BY workflow_id LIMIT ${MOST_NAMED}`;

const APPROVALS = `
  SELECT count(*)::integer AS count, min(requested_at) AS oldest
  FROM approvals JOIN workflows ON workflows.workflow_id = approvals.workflow_id WHERE status = 'required' AND fork_of IS NULL`;

export class DatabaseAlertSignsReader implements AlertSignsReader {
  constructor(private readonly database: Database) {}

  stillRuns(since: string): Promise<StillRuns> {
    return translateFaults(async () => {
      const rows = await this.database.source.query<readonly { readonly workflow_id: string; readonly count: number }[]>(STILL, [since]);
      return { workflowIds: rows.map(({ workflow_id: id }) => Number(id)), count: rows[0]?.count ?? 0 };
    });
  }

  waitingApprovals(): Promise<WaitingApprovals> {
    return translateFaults(async () => {
      const [row] = await this.database.source.query<readonly WaitingApprovals[]>(APPROVALS);
      return row!;
    });
  }
}
