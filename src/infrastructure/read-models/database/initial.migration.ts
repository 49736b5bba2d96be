import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tables of all read models. Texts that are JSON say so in the row classes. */
const TABLES: readonly string[] = [
  `CREATE TABLE checkpoints (read_model text PRIMARY KEY, position bigint NOT NULL)`,
  `CREATE TABLE workflows (
     workflow_id bigint PRIMARY KEY, user_id bigint NOT NULL, intent text NOT NULL, state text NOT NULL, revision integer NOT NULL,
     step_count integer NOT NULL, reason text, created_at text NOT NULL, finished_at text)`,
  `CREATE INDEX workflows_by_user ON workflows (user_id, workflow_id DESC)`,
  `CREATE INDEX workflows_by_state ON workflows (state, workflow_id DESC)`,
  `CREATE TABLE workflow_steps (
     workflow_id bigint, step_id integer, key text NOT NULL, name text NOT NULL, tool text NOT NULL, tool_version text NOT NULL, risk_level text NOT NULL,
     state text NOT NULL, depends_on text NOT NULL, attempts integer NOT NULL, args text NOT NULL, output text NOT NULL, error text NOT NULL,
     started_at text, finished_at text, PRIMARY KEY (workflow_id, step_id))`,
  `CREATE TABLE plan_parts (workflow_id bigint, "offset" integer, steps text NOT NULL, PRIMARY KEY (workflow_id, "offset"))`,
  `CREATE TABLE timeline (
     workflow_id bigint, revision integer, type text NOT NULL, message text NOT NULL, step_id integer, at text NOT NULL, data text NOT NULL,
     PRIMARY KEY (workflow_id, revision))`,
  `CREATE TABLE approvals (
     approval_id bigint PRIMARY KEY, workflow_id bigint NOT NULL, step_id integer NOT NULL, step_name text NOT NULL, tool text NOT NULL,
     tool_version text NOT NULL, risk_level text NOT NULL, reason text NOT NULL, status text NOT NULL, args text NOT NULL, args_hash text NOT NULL,
     requested_at text NOT NULL, decided_at text, decided_by bigint, decision_reason text)`,
  `CREATE INDEX approvals_by_workflow ON approvals (workflow_id, approval_id)`,
  `CREATE INDEX approvals_by_status ON approvals (status, approval_id DESC)`,
  `CREATE TABLE dead_letters (
     workflow_id bigint, step_id integer, step_name text NOT NULL, tool text NOT NULL, attempts integer NOT NULL, args text NOT NULL, error text NOT NULL,
     dead_lettered_at text NOT NULL, PRIMARY KEY (workflow_id, step_id))`,
  `CREATE TABLE retry_timers (workflow_id bigint, step_id integer, attempt integer NOT NULL, due_at bigint NOT NULL, PRIMARY KEY (workflow_id, step_id))`,
  `CREATE INDEX retry_timers_by_time ON retry_timers (due_at)`,
];

export class Initial1763900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of TABLES) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [
      'checkpoints',
      'workflows',
      'workflow_steps',
      'plan_parts',
      'timeline',
      'approvals',
      'dead_letters',
      'retry_timers',
    ]) {
      await runner.query(`DROP TABLE ${table}`);
    }
  }
}
