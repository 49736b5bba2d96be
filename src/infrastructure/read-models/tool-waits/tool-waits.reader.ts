import type { SelectQueryBuilder } from 'typeorm';
import type { LimitedWait, ToolOfNode, ToolWait, ToolWaitsReader } from '../../../application/ports/read-models.js';
import type { Database } from '../database/database.js';
import { translateFaults } from '../database/translate-faults.js';
import { ToolWaitRow } from './tool-wait.row.js';

export class DatabaseToolWaitsReader implements ToolWaitsReader {
  constructor(private readonly database: Database) {}

  of(tools: readonly ToolOfNode[], limit: number): Promise<readonly ToolWait[]> {
    return translateFaults(() => this.waitsFor(tools, limit).andWhere(`wait.because <> 'limited'`).orderBy('wait.since').getMany());
  }

  limited(tools: readonly ToolOfNode[], exceptUsers: readonly number[], limit: number): Promise<readonly LimitedWait[]> {
    return translateFaults(() =>
      this.waitsFor(tools, limit)
        .andWhere(`wait.because = 'limited'`)
        .andWhere('wait.user_id <> ALL(CAST(:exceptUsers AS bigint[]))', { exceptUsers })
        .orderBy('wait.urgency')
        .addOrderBy('wait.since')
        .getMany(),
    );
  }

  private waitsFor(tools: readonly ToolOfNode[], limit: number): SelectQueryBuilder<ToolWaitRow> {
    return this.database.source.manager
      .createQueryBuilder(ToolWaitRow, 'wait')
      .where('(wait.tool, wait.tool_version) IN (SELECT * FROM unnest(CAST(:names AS text[]), CAST(:versions AS text[])))', {
        names: tools.map(({ tool }) => tool),
        versions: tools.map(({ toolVersion }) => toolVersion),
      })
      .limit(limit);
  }
}
