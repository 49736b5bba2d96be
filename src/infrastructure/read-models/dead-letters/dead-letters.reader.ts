import type { EntityManager } from 'typeorm';
import type {
  DeadLetterFilter,
  DeadLettersReader,
  DeadLetterView,
  FailedAttempt,
  Page,
  PageRequest,
} from '../../../application/ports/read-models.js';
import type { Database } from '../database/database.js';
import { keyOf, pageOf } from '../database/keyset.js';
import { translateFaults } from '../database/translate-faults.js';
import { printable } from '../database/columns.js';
import { WorkflowRow } from '../workflows/workflow.row.js';
import { DeadLetterRow } from './dead-letter.row.js';

type LetterOfRun = DeadLetterRow & { run: Pick<WorkflowRow, 'userId' | 'intent'> };

/** Newest run first, and within a run the last step first. */
export class DatabaseDeadLettersReader implements DeadLettersReader {
  constructor(private readonly database: Database) {}

  list({ tool, code, userId }: DeadLetterFilter, { cursor, limit }: PageRequest): Promise<Page<DeadLetterView>> {
    return translateFaults(() =>
      this.database.source.transaction('REPEATABLE READ', async (manager) => {
        const query = manager
          .createQueryBuilder(DeadLetterRow, 'letter')
          .innerJoinAndMapOne('letter.run', WorkflowRow, 'run', 'run.workflow_id = letter.workflow_id')
          .select(['letter', 'run.workflowId', 'run.userId', 'run.intent'])
          .orderBy('letter.workflow_id', 'DESC')
          .addOrderBy('letter.step_id', 'DESC')
          .limit(limit + 1);
        if (tool !== undefined) query.andWhere('letter.tool = :tool', { tool: printable(tool) });
        if (code !== undefined) query.andWhere('letter.code = :code', { code: printable(code) });
        if (userId !== undefined) query.andWhere('run.user_id = :userId', { userId });
        if (cursor !== undefined) {
          const [run, step] = keyOf(cursor, 2);
          // As 64 bits, for a cursor may say more than a column of 32 can hold.
          query.andWhere('(letter.workflow_id, letter.step_id) < (CAST(:run AS bigint), CAST(:step AS bigint))', { run, step });
        }
        const { items, nextCursor } = pageOf(
          (await query.getMany()) as LetterOfRun[],
          limit,
          ({ workflowId, stepId }) => [workflowId, stepId],
          (letter) => letter,
        );
        const failures = await failuresOf(manager, items);
        return {
          items: items.map(({ code: _code, run: { userId, intent }, ...letter }) => ({
            ...letter,
            userId,
            intent,
            failures: failures.get(`${letter.workflowId}/${letter.stepId}`) ?? [],
          })),
          nextCursor,
        };
      }),
    );
  }
}

interface FailureRow {
  readonly workflow_id: string;
  readonly step_id: number;
  readonly at: string;
  readonly data: string;
}

/** The attempts of steps that failed, by run and step: the timeline has them. */
async function failuresOf(
  manager: EntityManager,
  letters: readonly { readonly workflowId: number; readonly stepId: number }[],
): Promise<ReadonlyMap<string, readonly FailedAttempt[]>> {
  const failures = new Map<string, FailedAttempt[]>();
  if (letters.length === 0) return failures;
  const rows = await manager.query<readonly FailureRow[]>(
    `SELECT workflow_id, step_id, at, data FROM timeline
     WHERE workflow_id = ANY($1::bigint[]) AND step_id = ANY($2::integer[]) AND type = 'step_failed' ORDER BY workflow_id, revision`,
    [[...new Set(letters.map(({ workflowId }) => workflowId))], [...new Set(letters.map(({ stepId }) => stepId))]],
  );
  for (const { workflow_id: workflowId, step_id: stepId, at, data } of rows) {
    const key = `${workflowId}/${stepId}`;
    const { attempt, error } = JSON.parse(data) as Pick<FailedAttempt, 'attempt' | 'error'>;
    failures.set(key, [...(failures.get(key) ?? []), { attempt, at, error }]);
  }
  return failures;
}
