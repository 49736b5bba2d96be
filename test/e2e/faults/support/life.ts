import { until } from '@lifeos/test-support';
import { createServerDatabase } from '../../../integration/read-models/support/databases.js';
import { tablesOf, type Tables } from '../../../integration/read-models/support/tables.js';
import { LogRecorder } from '../../../application/support/log-recorder.js';
import type { SubmittedPlan } from '../../../simulation/history.js';
import { Random } from '../../../simulation/random.js';
import { connectEventStore } from '../../../../src/infrastructure/event-store/eventstoredb/connect.js';
import { openDatabase } from '../../../../src/infrastructure/read-models/database/database.js';
import { rebuildReadModels } from '../../../../src/infrastructure/read-models/projection/rebuild.js';
import { LEASE_MS, type Cluster } from './cluster.js';
import { StoredLog } from './stored-log.js';
import { trueNow } from './true-time.js';
import { hanging, judge, readOutbox, readTraces } from './verdict.js';

/** Pause between looks at the log, in milliseconds. */
const LOOK_MS = 200;
/** Submissions under way at once. */
const AT_ONCE = 6;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Step {
  readonly key: string;
  readonly tool: string;
  readonly ms: number;
  readonly fails?: number;
  readonly after: readonly string[];
}

/** Runs of people who submit and approve, while faults happen, and the judgement of what came of it. */
export class FaultLife {
  readonly random: Random;
  private readonly plans = new Map<string, SubmittedPlan>();
  private readonly told = new Map<string, number>();
  private readonly log: StoredLog;
  private readonly decided = new Set<number>();
  private people: Promise<void> | undefined;
  private isOver = false;
  private round = 0;

  constructor(
    private readonly cluster: Cluster,
    readonly seed: number,
  ) {
    this.random = new Random(seed);
    this.log = new StoredLog(cluster.storePort, (time) => cluster.clocks.latestBy(time));
  }

  /** Has runs submitted over a time, and faults happen until all have been accepted and `least` faults were, or twice as many. What they ask for is asked again until somebody answers. */
  async live(runs: number, least: number, fault: (round: number) => Promise<void>): Promise<void> {
    this.people ??= this.approve();
    const prefix = `${this.seed}-${++this.round}`;
    const intents = Array.from({ length: runs }, (_, index) => `run ${prefix}-${index}`);
    for (const intent of intents) this.plans.set(intent, this.planOf(intent));
    let isAccepted = false;
    const submitting = this.submitAll(intents).finally(() => (isAccepted = true));
    for (let round = 0; round < least || (!isAccepted && round < least * 2); round++) await fault(round);
    await submitting;
  }

  /** Faults have ended: waits until every run is over or waits for a person, and judges everything that happened since the cluster was started. */
  async judge(): Promise<void> {
    await this.cluster.allReady();
    let open: readonly string[] = [];
    await until(
      () => `all runs to end or wait for people (seed ${this.seed}): ${open.join('; ')}\n${this.excerpt(open)}\n${this.cluster.said()}`,
      async () => {
        await pause(LOOK_MS);
        if (!(await this.log.readOn())) return false;
        open = hanging(this.log.events);
        return open.length === 0;
      },
      90_000,
    );
    const violations = judge({
      events: this.log.events,
      plans: this.plans,
      told: this.told,
      leaseMs: LEASE_MS,
      traces: await readTraces(this.cluster.traces),
      published: await readOutbox(this.cluster.outbox),
    });
    if (violations.length > 0)
      throw new Error(`seed ${this.seed}:\n${violations.join('\n')}\n${this.excerpt(violations)}\n${this.cluster.said()}`);
    await this.compareReadModels();
    if (this.cluster.ownEnds.length > 0)
      throw new Error(`seed ${this.seed}: nodes ended by themselves:\n${this.cluster.ownEnds.splice(0).join('\n---\n')}`);
  }

  async end(): Promise<void> {
    this.isOver = true;
    await this.people;
    await this.log.close();
  }

  private planOf(intent: string): SubmittedPlan {
    const ms = (): number => this.random.whole(5, this.random.chance(0.2) ? 2_000 : 300);
    const steps: readonly Step[] = [
      { key: 'look', tool: 'slow_look', ms: ms(), after: [] },
      { key: 'put', tool: 'slow_put', ms: ms(), fails: this.random.chance(0.3) ? this.random.whole(1, 2) : 0, after: ['look'] },
      { key: 'other', tool: 'slow_put', ms: ms(), after: ['look'] },
      ...(this.random.chance(0.3) ? [{ key: 'send', tool: 'slow_send', ms: ms(), after: ['look'] }] : []),
      { key: 'sign', tool: 'slow_sign', ms: ms(), after: ['put'] },
      { key: 'last', tool: 'slow_put', ms: ms(), after: ['sign', 'other'] },
    ];
    return {
      intent,
      onFailure: 'wait',
      approvalFrom: 'L3',
      ...(this.random.chance(0.2) ? { startAt: new Date(trueNow() + this.random.whole(500, 3_000)).toISOString() } : {}),
      steps: steps.map(({ key, tool, ms: takes, fails = 0, after }) => ({
        key,
        name: key,
        tool,
        args: { text: `${intent}/${key}`, ms: takes, fails },
        dependsOn: [...after],
      })),
    };
  }

  private async submitAll(intents: readonly string[]): Promise<void> {
    const left = [...intents];
    const submitOne = async (): Promise<void> => {
      for (let intent = left.shift(); intent !== undefined; intent = left.shift()) {
        await this.submit(intent);
        await pause(this.random.whole(50, 400));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, submitOne));
  }

  private async submit(intent: string): Promise<void> {
    const { startAt, steps: planned } = this.plans.get(intent)!;
    const steps = planned.map(({ key, tool, args, dependsOn }) => ({ key, tool, args, depends_on: dependsOn }));
    const body = { user_id: 1, intent, plan: { steps }, ...(startAt === undefined ? {} : { start_at: startAt }) };
    await until(
      `an answer to the submission of "${intent}" (seed ${this.seed})`,
      async () => {
        const answer = await this.cluster.ask(this.random.whole(0, 2), 'POST', '/api/workflows', body, {
          'Idempotency-Key': intent.replaceAll(' ', '-'),
        });
        if (!answer) {
          await pause(LOOK_MS);
          return false;
        }
        if (answer.status >= 300) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
        this.told.set(intent, (answer.body as { workflow_id: number }).workflow_id);
        return true;
      },
      120_000,
    );
  }

  /** A person who grants whatever is asked, as long as the test goes on. */
  private async approve(): Promise<void> {
    let next = 0;
    while (!this.isOver) {
      await pause(LOOK_MS);
      await this.log.readOn();
      const { events } = this.log;
      for (; next < events.length; next++) {
        const { type, data } = events[next]!;
        if (type === 'ApprovalRequested') this.decided.add(data['approvalId'] as number);
      }
      for (const approvalId of this.decided) {
        if (this.isOver) return;
        const answer = await this.cluster.ask(this.random.whole(0, 2), 'POST', `/api/approvals/${approvalId}/decision`, {
          decision: 'approve',
          decided_by: 10,
        });
        if (answer && (answer.status < 300 || answer.status === 409)) this.decided.delete(approvalId);
      }
    }
  }

  /** Every row equals that of a rebuild into another database. */
  private async compareReadModels(): Promise<void> {
    const logger = new LogRecorder();
    const { folder: dataDir, databaseUrl, storePort } = this.cluster;
    const other = await createServerDatabase();
    const [live, anew] = await Promise.all([databaseUrl, other.url].map((url) => openDatabase({ url, dataDir, logger })));
    const store = await connectEventStore(`esdb://127.0.0.1:${storePort}?tls=false`, { logger });
    try {
      await rebuildReadModels(anew!, store.feed, store.log, [], () => undefined);
      const wanted = await tablesOf(anew!);
      let found: Tables = {};
      // The projector is a moment behind, and begins again where its session was lost.
      const isEqual = async (): Promise<boolean> => {
        await pause(LOOK_MS);
        found = await tablesOf(live!).catch(() => found);
        return JSON.stringify(found) === JSON.stringify(wanted);
      };
      await until('the read models', isEqual, 30_000).catch(() => undefined);
      expect({ seed: this.seed, ...found }).toEqual({ seed: this.seed, ...wanted });
    } finally {
      await store.close();
      await Promise.all([live!.close(), anew!.close()]);
      await other.drop();
    }
  }

  /** The events of the runs that lines are about. */
  private excerpt(lines: readonly string[]): string {
    const runs = [...new Set(lines.flatMap((line) => [...line.matchAll(/run (\d+)\b(?!-)/g)].map(([, id]) => `workflow-${id}`)))].slice(
      0,
      3,
    );
    return this.log.events
      .filter(({ streamId }) => runs.includes(streamId))
      .map(({ streamId, revision, type, time, data, metadata }) => {
        const { stepId, attempt, worker, error } = data as Record<string, unknown>;
        const about = JSON.stringify({ stepId, attempt, worker, error, by: metadata.actor?.id });
        return `${new Date(time).toISOString()} ${revision}@${streamId} ${type} ${about}`;
      })
      .join('\n');
  }
}
