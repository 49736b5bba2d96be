import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import type {
  Page,
  PageRequest,
  RunStatus,
  WorkflowFilter,
  WorkflowsReader,
  WorkflowSummary,
  WorkflowView,
} from '../../../application/ports/read-models.js';
import { isFinalRunState } from '../../../domain/workflow/lifecycle.js';
import { printable } from '../database/columns.js';
import type { Database } from '../database/database.js';
import { MOST_WAITS_LISTED } from '../../../domain/workflow/waiting.js';
import { keyOf, pageOf } from '../database/keyset.js';
import { translateFaults } from '../database/translate-faults.js';
import { outcomesOf } from './outcomes.reader.js';
import { isHeld, waitsOf } from './waits.reader.js';
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
        const steps: WorkflowStepRow[] = await manager
          .createQueryBuilder(WorkflowStepRow, 'step')
          .where('step.workflow_id = :workflowId', { workflowId })
          .orderBy('step.step_id')
          .getMany();
        const reruns = await manager.find(WorkflowRow, {
          where: { rerunOf: workflowId },
          order: { workflowId: 'ASC' },
          select: { workflowId: true },
        });
        const forks = await manager.find(WorkflowRow, {
          where: { forkOf: workflowId },
          order: { workflowId: 'ASC' },
          select: { workflowId: true },
        });
        const compensation = await manager.findOneBy(WorkflowRow, { compensates: workflowId });
        const [summary] = await described(manager, [run], Number.MAX_SAFE_INTEGER);
        return {
          ...summary!,
          reruns: reruns.map((one) => one.workflowId),
          forks: forks.map((one) => one.workflowId),
          compensatedBy: compensation?.workflowId ?? null,
          steps,
        };
      }),
    );
  }

  status(workflowId: number): Promise<RunStatus | undefined> {
    return translateFaults(() =>
      this.database.source.transaction('REPEATABLE READ', async (manager) => {
        const run = await manager.findOneBy(WorkflowRow, { workflowId });
        if (!run) return undefined;
        const waits = isFinalRunState(run.state) ? undefined : await waitsOf(manager, [workflowId], MOST_WAITS_LISTED);
        return { state: run.state, waitingFor: waits?.get(workflowId) ?? [] };
      }),
    );
  }

  list(filter: WorkflowFilter, { cursor, limit }: PageRequest): Promise<Page<WorkflowSummary>> {
    return translateFaults(() =>
      this.database.source.transaction('REPEATABLE READ', async (manager) => {
        const query = manager
          .createQueryBuilder(WorkflowRow, 'run')
          .orderBy('run.workflow_id', 'DESC')
          .limit(limit + 1);
        restrict(query, filter);
        if (cursor !== undefined) query.andWhere('run.workflow_id < :before', { before: keyOf(cursor, 1)[0] });
        const { items, nextCursor } = pageOf(
          await query.getMany(),
          limit,
          (row) => [row.workflowId],
          (row) => row,
        );
        return { items: await described(manager, items, MOST_WAITS_LISTED), nextCursor };
      }),
    );
  }
}

/** The rows with what holds the runs, and how their steps ended. */
async function described(manager: EntityManager, rows: readonly WorkflowRow[], mostWaits: number): Promise<readonly WorkflowSummary[]> {
  const isFinished = ({ state }: WorkflowRow): boolean => isFinalRunState(state);
  const ids = (of: readonly WorkflowRow[]): readonly number[] => of.map(({ workflowId }) => workflowId);
  const waits = await waitsOf(manager, ids(rows.filter((row) => !isFinished(row))), mostWaits);
  const outcomes = await outcomesOf(manager, ids(rows.filter(isFinished)));
  return rows.map(({ pausedAt: _pausedAt, ...row }) => ({
    ...row,
    waitingFor: waits.get(row.workflowId) ?? [],
    outcome: outcomes.get(row.workflowId) ?? null,
  }));
}

function restrict(query: SelectQueryBuilder<WorkflowRow>, { userId, state, text, waitingFor, scheduleId }: WorkflowFilter): void {
  if (userId !== undefined) query.andWhere('run.user_id = :userId', { userId });
  if (state !== undefined) query.andWhere('run.state = :state', { state });
  if (scheduleId !== undefined) query.andWhere('run.schedule_id = :scheduleId', { scheduleId });
  if (waitingFor !== undefined) query.andWhere(isHeld('run', waitingFor));
  if (text !== undefined) {
    // Keyboards and systems compose "é" or write it as "e" with an accent after it: the same text. The intent is kept as the person wrote it.
    query.andWhere('normalize(run.intent, NFC) ILIKE normalize(:pattern, NFC)', {
      pattern: `%${printable(text).replace(/[\\%_]/g, '\\$&')}%`,
    });
  }
}
