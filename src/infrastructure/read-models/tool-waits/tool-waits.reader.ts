import type { ToolOfNode, ToolWait, ToolWaitsReader } from '../../../application/ports/read-models.js';
import type { Database } from '../database/database.js';
import { translateFaults } from '../database/translate-faults.js';
import { ToolWaitRow } from './tool-wait.row.js';

export class DatabaseToolWaitsReader implements ToolWaitsReader {
  constructor(private readonly database: Database) {}

  of(tools: readonly ToolOfNode[], limit: number): Promise<readonly ToolWait[]> {
    return translateFaults(() =>
      this.database.source.manager
        .createQueryBuilder(ToolWaitRow, 'wait')
        .where('(wait.tool, wait.tool_version) IN (SELECT * FROM unnest(CAST(:names AS text[]), CAST(:versions AS text[])))', {
          names: tools.map(({ tool }) => tool),
          versions: tools.map(({ toolVersion }) => toolVersion),
        })
        .orderBy('wait.since')
        .limit(limit)
        .getMany(),
    );
  }
}
