import type { Command } from '@nestjs/cqrs';
import { LiftPause } from '../../src/application/pauses/lift-pause.command.js';
import type { Pause } from '../../src/application/pauses/pauses.js';
import { SetPause } from '../../src/application/pauses/set-pause.command.js';
import { CancelWorkflow } from '../../src/application/workflow/cancel-workflow.command.js';
import { CompleteDeadLetter } from '../../src/application/workflow/complete-dead-letter.command.js';
import { DecideApproval } from '../../src/application/workflow/decide-approval.command.js';
import { GiveUpWorkflow } from '../../src/application/workflow/give-up-workflow.command.js';
import { PauseWorkflow } from '../../src/application/workflow/pause-workflow.command.js';
import { ResumeWorkflow } from '../../src/application/workflow/resume-workflow.command.js';
import { RetryDeadLetter } from '../../src/application/workflow/retry-dead-letter.command.js';
import { SkipDeadLetter } from '../../src/application/workflow/skip-dead-letter.command.js';
import { SubmitIntent, type SubmittedRun } from '../../src/application/workflow/submit-intent.command.js';
import type { JsonObject } from '../../src/domain/json.js';
import type { Order, SubmittedPlan } from './history.js';
import { randomPlan } from './plans.js';
import type { Random } from './random.js';
import type { SimulatedLog, StoredEvent } from './simulated-log.js';
import { WORLD, type VirtualClock } from './virtual-clock.js';
import type { Worker } from './worker.js';

const ACTOR = { kind: 'user', id: '7', authenticated: false } as const;
/** People who wait for longer ask again, in milliseconds. */
const PATIENCE_MS = 4_000;

type About = Pick<Order, 'workflowId' | 'approvalId' | 'stepId'>;

interface Asked {
  readonly workflowId: number;
  readonly stepId: number;
  readonly approvalId: number;
  readonly argsHash: string;
  readonly args: JsonObject;
  readonly because?: string;
}

const nameOf = (error: unknown): string => (error as { readonly code?: string }).code ?? (error as Error).name;

/** Those who submit runs and decide about them. They ask again, perhaps another worker, until they have an answer. */
export class People {
  readonly orders: Order[] = [];
  readonly plans = new Map<string, SubmittedPlan>();
  /** They leave what comes up to later. */
  areAway = false;
  private seen = 0;

  constructor(
    private readonly clock: VirtualClock,
    private readonly random: Random,
    private readonly log: SimulatedLog,
    private readonly living: () => readonly Worker[],
  ) {
    log.listeners.push(() => this.readOn());
  }

  /** A run, and what somebody may think of doing about it while it goes on. */
  submit(number: number): void {
    const { random } = this;
    const intent = `intent-${number}`;
    const plan = randomPlan(random, intent, this.clock.now());
    this.plans.set(intent, plan);
    const { steps, onFailure, approvalFrom, startAt } = plan;
    const submission = {
      userId: random.whole(1, 2),
      intent,
      onFailure,
      approvalFrom,
      idempotencyKey: intent,
      actor: ACTOR,
      ...(random.chance(0.7) && { plan: { steps } }),
      ...(startAt !== undefined && { startAt }),
    };
    this.ask(
      'submit',
      {},
      () => new SubmitIntent(submission),
      (result) => {
        const { workflowId } = result as SubmittedRun;
        const later = (probability: number, act: () => void): void => {
          if (random.chance(probability)) this.clock.plan(random.between(0, 3_000), WORLD, act);
        };
        later(0.3, () => this.cancel(workflowId));
        later(0.05, () => this.ask('give-up', { workflowId }, (reason) => new GiveUpWorkflow({ workflowId, reason, actor: ACTOR })));
        later(0.15, () => this.pause(workflowId));
      },
    );
  }

  /** The kill switch, for a while. */
  pauseTool(tool: string | null, forMs: number): void {
    this.ask(
      'set-pause',
      {},
      (reason) => new SetPause({ tool, reason, actor: ACTOR }),
      (result) => {
        const { pauseId } = result as Pause;
        this.clock.plan(forMs, WORLD, () => this.ask('lift-pause', {}, (reason) => new LiftPause({ pauseId, reason, actor: ACTOR })));
      },
    );
  }

  resume(workflowId: number): void {
    this.ask('resume', { workflowId }, (reason) => new ResumeWorkflow({ workflowId, reason, actor: ACTOR }));
  }

  decide({ workflowId, stepId, approvalId, argsHash }: Asked, verdict: 'approve' | 'reject'): void {
    const decidedBy = this.random.whole(10, 12);
    const decision = { approvalId, argsHash, decidedBy, verdict, actor: ACTOR };
    this.ask('decide', { workflowId, stepId, approvalId }, (reason) => new DecideApproval({ ...decision, reason }));
  }

  retry(workflowId: number, stepId: number, args?: JsonObject): void {
    const act = { workflowId, stepId, actor: ACTOR, ...(args && { args }) };
    this.ask('retry', { workflowId, stepId }, (reason) => new RetryDeadLetter({ ...act, reason, idempotencyKey: reason }));
  }

  skip(workflowId: number, stepId: number): void {
    this.ask('skip', { workflowId, stepId }, (reason) => new SkipDeadLetter({ workflowId, stepId, reason, actor: ACTOR }));
  }

  private cancel(workflowId: number): void {
    const compensate = this.random.chance(0.3);
    this.ask('cancel', { workflowId }, (reason) => new CancelWorkflow({ workflowId, reason, compensate, actor: ACTOR }));
  }

  private pause(workflowId: number): void {
    this.ask(
      'pause',
      { workflowId },
      (reason) => new PauseWorkflow({ workflowId, reason, actor: ACTOR }),
      () => {
        if (this.random.chance(0.8)) this.clock.plan(this.random.between(100, 2_000), WORLD, () => this.resume(workflowId));
      },
    );
  }

  /** What people learn of what happened, a moment later. */
  private readOn(): void {
    for (; this.seen < this.log.events.length; this.seen++) {
      const event = this.log.events[this.seen]!;
      if (this.areAway || !event.streamId.startsWith('workflow-')) continue;
      const think = (act: () => void): void => void this.clock.plan(this.random.between(5, 1_500), WORLD, act);
      const { because, workflowId } = event.data as unknown as Asked;
      if (event.type === 'ApprovalRequested') think(() => this.consider(event));
      else if (event.type === 'StepDeadLettered' || (event.type === 'StepWaitsForTool' && because === 'absent'))
        think(() => this.seeTo(event));
      // The moment at which a step starts is the worst one to cancel at.
      else if (event.type === 'StepStarted' && this.random.chance(0.08))
        this.clock.plan(this.random.between(0, 30), WORLD, () => this.cancel(workflowId));
    }
  }

  private consider({ data }: StoredEvent): void {
    const { random } = this;
    const asked = data as unknown as Asked;
    const verdict = random.chance(0.8) ? 'approve' : 'reject';
    if (random.chance(0.9)) this.decide(asked, verdict);
    // Somebody else has the same page open.
    if (random.chance(0.2))
      this.clock.plan(random.between(0, 50), WORLD, () => this.decide(asked, random.chance(0.5) ? 'approve' : 'reject'));
  }

  private seeTo({ data }: StoredEvent): void {
    const { random } = this;
    const { workflowId, stepId } = data as unknown as Asked;
    const luck = random.next();
    if (luck < 0.35) this.retry(workflowId, stepId);
    else if (luck < 0.5) this.retry(workflowId, stepId, { text: `edited-${this.orders.length}` });
    else if (luck < 0.7) this.skip(workflowId, stepId);
    else if (luck < 0.85)
      this.ask(
        'complete',
        { workflowId, stepId },
        (reason) => new CompleteDeadLetter({ workflowId, stepId, reason, actor: ACTOR, output: { text: 'by hand', attempt: 0 } }),
      );
  }

  private ask(
    kind: string,
    about: About,
    command: (name: string) => Command<unknown>,
    then: (result: unknown) => void = () => undefined,
  ): void {
    const order: Order = { name: `order-${this.orders.length}`, kind, ...about, answers: [] };
    this.orders.push(order);
    let isDone = false;
    const done = (result: unknown): void => {
      if (!isDone) then(result);
      isDone = true;
    };
    this.insist(order, command, done);
    // An impatient click, or a request that a proxy repeats.
    if (this.random.chance(0.08)) this.insist(order, command, done);
  }

  private insist(order: Order, command: (name: string) => Command<unknown>, then: (result: unknown) => void): void {
    const { clock, random } = this;
    const again = (inMs: number): void => void clock.plan(inMs, WORLD, () => this.insist(order, command, then));
    const workers = this.living();
    if (workers.length === 0) return again(200);
    const worker = random.of(workers);
    const sent = clock.step;
    let isOver = false;
    const patience = clock.plan(PATIENCE_MS, WORLD, () => {
      isOver = true;
      again(1);
    });
    const answered = (hear: () => void): void =>
      void clock.plan(random.between(0.1, 3), WORLD, () => {
        if (isOver) return;
        isOver = true;
        patience.cancelled = true;
        hear();
      });
    clock.plan(random.between(0.1, 3), worker.owner, () => {
      void worker.execute(command(order.name)).then(
        (result) =>
          answered(() => {
            order.answers.push({ step: clock.step, sent, result });
            then(result);
          }),
        (error: unknown) =>
          answered(() => {
            const refusal = nameOf(error);
            if (refusal === 'EventLogUnavailable') return again(random.between(20, 500));
            order.answers.push({ step: clock.step, sent, result: undefined, refusal });
          }),
      );
    });
  }
}
