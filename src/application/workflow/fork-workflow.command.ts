import { randomUUID } from 'node:crypto';
import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { JsonObject } from '../../domain/json.js';
import { byHand } from '../../domain/workflow/by-hand.js';
import { forkOf, type ForkWishes } from '../../domain/workflow/decisions/fork.js';
import { DomainError } from '../../domain/workflow/workflow.errors.js';
import { stepOfKey, type WorkflowState } from '../../domain/workflow/workflow.state.js';
import { Sequences } from '../ids/sequences.js';
import { EVENT_LOG, type EventLog } from '../ports/event-log.js';
import { FINGERPRINT, type Fingerprint } from '../ports/fingerprint.js';
import { TOOLS, type Tools } from '../ports/tools.js';
import { replayTo } from '../replay/replay-workflow.js';
import type { Act } from './act.js';
import { DEFAULT_TIME_ZONE } from './default-time-zone.js';
import { SubmissionClaims } from './submission-claims.js';
import type { SubmittedRun } from './submit-intent.command.js';
import { WorkflowDecisions } from './workflow-decisions.js';

export interface ForkAct extends Act, ForkWishes {
  /** The last event that the copy knows. */
  readonly revision: number;
  /** A repeat with the same key answers with the first copy. */
  readonly idempotencyKey?: string;
}

/**
 * Copies a run as it was at a revision and lets the copy go on as a shadow: its steps call no tool and ask nobody, and record what they would have done.
 * @throws DomainError workflow.not-found, workflow.not-planned, workflow.shadow, step.not-found, step.invalid-args; ApplicationError revision.not-found, idempotency-key.reused
 */
export class ForkWorkflow extends Command<SubmittedRun> {
  constructor(readonly act: ForkAct) {
    super();
  }
}

@CommandHandler(ForkWorkflow)
export class ForkWorkflowHandler implements ICommandHandler<ForkWorkflow> {
  constructor(
    private readonly runs: WorkflowDecisions,
    private readonly sequences: Sequences,
    private readonly claims: SubmissionClaims,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(TOOLS) private readonly tools: Tools,
    @Inject(FINGERPRINT) private readonly fingerprint: Fingerprint,
    @Inject(DEFAULT_TIME_ZONE) private readonly defaultTimeZone: string,
  ) {}

  async execute({ act }: ForkWorkflow): Promise<SubmittedRun> {
    const { workflowId: of, revision, args = {}, actor } = act;
    const { state: then } = await replayTo(this.log, of, { revision });
    const { state: now } = await this.runs.read(of);
    const { steps, decisions, outputs } = forkOf(then, now, act);
    this.checkArgs(then, args);
    const { userId, intent, approvalFrom, timeZone, onFailure, priority } = then;
    const workflowId = await this.idFor(act, userId);
    const fork = { workflowId: of, revision, decisions, edited: Object.keys(args), ...byHand(act), outputs };
    const options = { approvalFrom, onFailure, priority, timeZone: timeZone ?? this.defaultTimeZone, keyPrefix: randomUUID() };
    const command = { type: 'SubmitIntent', data: { userId, intent, steps, fork, ...options } } as const;
    const { state, position } = await this.runs.execute(workflowId, command, { actor });
    return { workflowId, state: state.state!, intent, position };
  }

  /** Tools that are not there any more cannot say what fits them, nor are they called. */
  private checkArgs(run: WorkflowState, args: Readonly<Record<string, JsonObject>>): void {
    for (const [key, complete] of Object.entries(args)) {
      const { tool } = stepOfKey(run, key)!.plan;
      const problem = this.tools.manifest(tool) && this.tools.checkArgs(tool, complete);
      if (problem) throw new DomainError('step.invalid-args', `The arguments of "${key}" do not fit "${tool}": ${problem}`, ['args']);
    }
  }

  private idFor({ workflowId, revision, args, decisions, idempotencyKey }: ForkAct, userId: number): Promise<number> {
    if (idempotencyKey === undefined) return this.sequences.next('workflow');
    const wishes = { fork: workflowId, revision, args: args ?? {}, decisions: decisions ?? {} };
    return this.claims.claim(userId, idempotencyKey, this.fingerprint(wishes));
  }
}
