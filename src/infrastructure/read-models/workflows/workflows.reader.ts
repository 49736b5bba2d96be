import type { SelectQueryBuilder } from 'typeorm';
import type {
  Page,
  PageRequest,
  WorkflowFilter,
  WorkflowsReader,
  WorkflowSummary,
  WorkflowView,
} from '../../../application/ports/read-models.js';
import { isFinalRunState } from '../../../domain/workflow/lifecycle.js';
import { printable } from '../database/columns.js';
import type { Database } from '../database/database.js';
import { keyOf, pageOf } from '../database/keyset.js';
import { translateFaults } from '../database/translate-faults.js';
import { waitsOf } from './waits.reader.js';
import { WorkflowStepRow } from './workflow-step.row.js';
import { WorkflowRow } from './workflow.row.js';

export class DatabaseWorkflowsReader implements WorkflowsReader {
  constructor(private readonly database: Database) {}

  find(workflowId: number): Promise<WorkflowView | undefined> {
    return translateFaults(() =>
      // One snapshot for the run, its steps and what it waits for.
      this.database.source.transaction('REPEATABLE READ', async (manager) => {
        const run = await manager.findOneBy(WorkflowRow, { workflowId });
        if (!run) return undefined;
        const steps = await manager
          .createQueryBuilder(WorkflowStepRow, 'step')
          .where('step.workflow_id = :workflowId', { workflowId })
          .orderBy('step.step_id')
          .getMany();
        return { ...run, waitingFor: isFinalRunState(run.state) ? [] : await waitsOf(manager, workflowId), steps };
      }),
    );
  }

  summary(workflowId: number): Promise<WorkflowSummary | undefined> {
    return translateFaults(async () => (await this.database.source.manager.findOneBy(WorkflowRow, { workflowId })) ?? undefined);
  }

  list(filter: WorkflowFilter, { cursor, limit }: PageRequest): Promise<Page<WorkflowSummary>> {
    return translateFaults(async () => {
      const query = this.database.source.manager
        .createQueryBuilder(WorkflowRow, 'run')
        .orderBy('run.workflow_id', 'DESC')
        .limit(limit + 1);
      restrict(query, filter);
      if (cursor !== undefined) query.andWhere('run.workflow_id < :before', { before: keyOf(cursor, 1)[0] });
      return pageOf(
        await query.getMany(),
        limit,
        (row) => [row.workflowId],
        (row) => row,
      );
    });
  }
}

function restrict(query: SelectQueryBuilder<WorkflowRow>, { userId, state, text }: WorkflowFilter): void {
  if (userId !== undefined) query.andWhere('run.user_id = :userId', { userId });
  if (state !== undefined) query.andWhere('run.state = :state', { state });
  if (text !== undefined) {
    // Keyboards and systems compose "é" or write it as "e" with an accent after it: the same text. The intent is kept as the person wrote it.
    query.andWhere('normalize(run.intent, NFC) ILIKE normalize(:pattern, NFC)', {
      pattern: `%${printable(text).replace(/[\\%_]/g, '\\$&')}%`,
    });
  }
}
