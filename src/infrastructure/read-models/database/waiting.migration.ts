import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Why steps were skipped, since when runs are paused, with which code steps failed; timers of all kinds in place of those of retries. Only the log can tell it, so these read models are made anew from there. */
export class Waiting1764400000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // As a projecting node locks it: a batch under way on another one must not store its checkpoints again.
    await runner.query('LOCK TABLE checkpoints IN EXCLUSIVE MODE');
    await runner.query('ALTER TABLE workflow_steps ADD COLUMN skip_cause text');
    await runner.query(
      `ALTER TABLE workflows ADD COLUMN paused_at text, ADD COLUMN rerun_of bigint, ADD COLUMN start_at text, ADD COLUMN deadline text, ADD COLUMN on_failure text`,
    );
    await runner.query(`UPDATE workflows SET on_failure = 'wait'`);
    await runner.query('ALTER TABLE workflows ALTER COLUMN on_failure SET NOT NULL');
    await runner.query('CREATE INDEX workflows_by_original ON workflows (rerun_of, workflow_id)');
    await runner.query('DELETE FROM dead_letters');
    await runner.query('ALTER TABLE dead_letters ADD COLUMN code text NOT NULL');
    await runner.query(`CREATE TABLE timers (
      workflow_id bigint, kind text, step_id integer, attempt integer NOT NULL, due_at bigint NOT NULL, PRIMARY KEY (workflow_id, kind, step_id))`);
    await runner.query('CREATE INDEX timers_by_time ON timers (due_at)');
    await runner.query(`CREATE TABLE tool_waits (
      workflow_id bigint, step_id integer, attempt integer NOT NULL, tool text NOT NULL, tool_version text NOT NULL, because text NOT NULL, since text NOT NULL,
      PRIMARY KEY (workflow_id, step_id))`);
    await runner.query('CREATE INDEX tool_waits_by_tool ON tool_waits (tool, tool_version, since)');
    await runner.query(`CREATE TABLE parked_events (
      workflow_id bigint, revision integer, handler text, event_type text NOT NULL, tries integer NOT NULL, reason text NOT NULL, parked_at text NOT NULL,
      PRIMARY KEY (workflow_id, revision, handler))`);
    await runner.query('DROP TABLE retry_timers');
    await runner.query(`DELETE FROM checkpoints WHERE read_model IN ('retry-timers', 'dead-letters')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'CREATE TABLE retry_timers (workflow_id bigint, step_id integer, attempt integer NOT NULL, due_at bigint NOT NULL, PRIMARY KEY (workflow_id, step_id))',
    );
    await runner.query('CREATE INDEX retry_timers_by_time ON retry_timers (due_at)');
    await runner.query('DROP TABLE parked_events');
    await runner.query('DROP TABLE tool_waits');
    await runner.query('DROP TABLE timers');
    await runner.query(`DELETE FROM checkpoints WHERE read_model IN ('timers', 'tool-waits', 'parked-events')`);
    await runner.query('ALTER TABLE dead_letters DROP COLUMN code');
    await runner.query(
      'ALTER TABLE workflows DROP COLUMN paused_at, DROP COLUMN rerun_of, DROP COLUMN start_at, DROP COLUMN deadline, DROP COLUMN on_failure',
    );
    await runner.query('ALTER TABLE workflow_steps DROP COLUMN skip_cause');
  }
}
