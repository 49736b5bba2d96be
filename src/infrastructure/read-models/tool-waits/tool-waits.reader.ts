import type { SelectQueryBuilder } from 'typeorm';
import type { ToolOfNode, ToolWait, ToolWaitsReader } from '../../../application/ports/read-models.js';
import type { Database } from '../database/database.js';
import { translateFaults } from '../database/translate-faults.js';
import { ToolWaitRow } from './tool-wait.row.js';

const IS_ONE_OF = '(wait.tool, wait.tool_version) IN (SELECT * FROM unnest(CAST(:names AS text[]), CAST(:versions AS text[])))';

const parametersOf = (tools: readonly ToolOfNode[]) => ({
  names: tools.map(({ tool }) => tool),
  versions: tools.map(({ toolVersion }) => toolVersion),
});

/** Waits of one person in an answer. */
const MOST_OF_ONE_PERSON = 20;

const OF_EACH_PERSON = `
  SELECT workflow_id, step_id, attempt, tool, tool_version, user_id FROM (
    SELECT *, row_number() OVER (PARTITION BY user_id ORDER BY urgency, since, workflow_id, step_id) AS place FROM tool_waits
      WHERE because = 'limited' AND (tool, tool_version) IN (SELECT * FROM unnest($1::text[], $2::text[])) AND user_id <> ALL($3::bigint[])
  ) AS waits WHERE place <= $4 ORDER BY urgency, since, workflow_id, step_id LIMIT $5`;

interface RawWait {
  readonly workflow_id: string;
  readonly step_id: number;
  readonly attempt: number;
  readonly tool: string;
  readonly tool_version: string;
  readonly user_id: string;
}

const waitOf = (row: RawWait): ToolWait => ({
  workflowId: Number(row.workflow_id),
  stepId: row.step_id,
  attempt: row.attempt,
  tool: row.tool,
  toolVersion: row.tool_version,
  because: 'limited',
  userId: Number(row.user_id),
});

export class DatabaseToolWaitsReader implements ToolWaitsReader {
  constructor(private readonly database: Database) {}

  of(tools: readonly ToolOfNode[], limit: number): Promise<readonly ToolWait[]> {
    return translateFaults(() => this.waitsFor(tools, limit).andWhere(`wait.because <> 'limited'`).orderBy('wait.since').getMany());
  }

  limited(tools: readonly ToolOfNode[], exceptUsers: readonly number[], limit: number): Promise<readonly ToolWait[]> {
    return translateFaults(async () => {
      // One person's backlog must not fill the answer, and keep it from others.
      const rows = await this.database.source.manager.query<readonly RawWait[]>(OF_EACH_PERSON, [
        tools.map(({ tool }) => tool),
        tools.map(({ toolVersion }) => toolVersion),
        exceptUsers,
        MOST_OF_ONE_PERSON,
        limit,
      ]);
      return rows.map(waitOf);
    });
  }

  limitedOfOthers(tools: readonly ToolOfNode[], before: string, limit: number): Promise<readonly ToolWait[]> {
    return translateFaults(() =>
      this.database.source.manager
        .createQueryBuilder(ToolWaitRow, 'wait')
        .where(`wait.because = 'limited' AND wait.since < :before AND NOT ${IS_ONE_OF}`, { before, ...parametersOf(tools) })
        .orderBy('wait.since')
        .limit(limit)
        .getMany(),
    );
  }

  private waitsFor(tools: readonly ToolOfNode[], limit: number): SelectQueryBuilder<ToolWaitRow> {
    return this.database.source.manager.createQueryBuilder(ToolWaitRow, 'wait').where(IS_ONE_OF, parametersOf(tools)).limit(limit);
  }
}
