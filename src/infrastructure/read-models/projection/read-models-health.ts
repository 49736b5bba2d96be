import type { HealthCheck } from '../../../application/ports/health.js';
import type { Database } from '../database/database.js';
import { missingReadModels } from './read-model-tables.js';

/** Whether the read models can be asked. */
export class ReadModelsHealth implements HealthCheck {
  readonly name = 'read_models';

  constructor(private readonly database: Database) {}

  async check(): Promise<void> {
    const missing = await missingReadModels(this.database.source.manager, this.database.embedded);
    if (missing !== undefined) throw new Error(missing);
  }
}
