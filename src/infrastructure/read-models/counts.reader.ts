import type { CountsReader, ReadModelCounts } from '../../application/ports/read-models.js';
import type { RunState } from '../../domain/workflow/lifecycle.js';
import type { Database } from './database/database.js';
import { translateFaults } from './database/translate-faults.js';

const COUNTS = `
  SELECT 'run' AS kind, state, count(*)::integer AS count FROM workflows GROUP BY state
  UNION ALL SELECT 'dead_letter', NULL, count(*)::integer FROM dead_letters
  UNION ALL SELECT 'parked', NULL, count(*)::integer FROM parked_events
  UNION ALL SELECT 'approval', NULL, count(*)::integer FROM approvals WHERE status = 'required'`;

interface CountRow {
  readonly kind: 'run' | 'dead_letter' | 'parked' | 'approval';
  readonly state: RunState | null;
  readonly count: number;
}

export class DatabaseCountsReader implements CountsReader {
  constructor(private readonly database: Database) {}

  counts(): Promise<ReadModelCounts> {
    return translateFaults(async () => {
      const rows = await this.database.source.query<readonly CountRow[]>(COUNTS);
      const of = (kind: CountRow['kind']): number => rows.find((row) => row.kind === kind)?.count ?? 0;
      return {
        runs: Object.fromEntries(rows.flatMap(({ kind, state, count }) => (kind === 'run' ? [[state!, count]] : []))),
        deadLetters: of('dead_letter'),
        parkedEvents: of('parked'),
        openApprovals: of('approval'),
      };
    });
  }
}
