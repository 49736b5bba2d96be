import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What ended, when and how: facts for figures by period. Each table has the time first in its key, so that one index finds a period and grows at its end. */
export class Analytics1764900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE analytics_runs (
      ended_at bigint, workflow_id bigint, user_id bigint NOT NULL, submitted_at bigint NOT NULL, state text NOT NULL, code text,
      PRIMARY KEY (ended_at, workflow_id))`);
    await runner.query(`CREATE TABLE analytics_attempts (
      ended_at bigint, workflow_id bigint, step_id integer, attempt integer, user_id bigint NOT NULL, tool text NOT NULL, tool_version text,
      started_at bigint NOT NULL, outcome text NOT NULL, code text, PRIMARY KEY (ended_at, workflow_id, step_id, attempt))`);
    await runner.query(`CREATE TABLE analytics_approvals (
      requested_at bigint, approval_id bigint, user_id bigint NOT NULL, tool text NOT NULL, risk_level text NOT NULL, decided_at bigint NOT NULL,
      verdict text NOT NULL, decided_by bigint, PRIMARY KEY (requested_at, approval_id))`);
    await runner.query(`CREATE TABLE analytics_open (
      workflow_id bigint, step_id integer, since bigint NOT NULL, user_id bigint, attempt integer, approval_id bigint, tool text, tool_version text,
      risk_level text, PRIMARY KEY (workflow_id, step_id))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['runs', 'attempts', 'approvals', 'open']) await runner.query(`DROP TABLE analytics_${table}`);
    await runner.query(`DELETE FROM checkpoints WHERE read_model = 'analytics'`);
  }
}
