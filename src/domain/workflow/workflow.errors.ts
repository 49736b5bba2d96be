import type { PlanStep } from '../plan/plan.js';

/** Why a command is refused. Codes are part of the API: never rename one. */
export type DomainErrorCode =
  | 'intent.empty'
  | 'intent.too-long'
  | 'deadline.too-early'
  | 'plan.empty'
  | 'plan.too-large'
  | 'plan.duplicate-key'
  | 'plan.unknown-tool'
  | 'plan.dangling-dependency'
  | 'plan.cycle'
  | 'plan.invalid-args'
  | 'plan.invalid-reference'
  | 'workflow.not-found'
  | 'workflow.finished'
  | 'workflow.not-finished'
  | 'workflow.not-planned'
  | 'workflow.nothing-to-undo'
  | 'workflow.shadow'
  | 'workflow.not-due'
  | 'workflow.not-running'
  | 'workflow.paused'
  | 'workflow.stopping'
  | 'step.not-found'
  | 'step.not-ready'
  | 'step.not-dead-lettered'
  | 'step.invalid-args'
  | 'step.invalid-output'
  | 'step.unknown-tool'
  | 'step.attempt-not-running'
  | 'step.retry-not-due'
  | 'parked-event.not-found'
  | 'approval.not-found'
  | 'approval.already-decided'
  | 'approval.void'
  | 'approval.stale-arguments'
  | 'schedule.invalid-cron'
  | 'schedule.never-comes'
  | 'schedule.too-many'
  | 'schedule.not-found'
  | 'schedule.deleted'
  | 'channel.not-found'
  | 'channel.disabled'
  | 'channel.no-secret'
  | 'channel.too-many'
  | 'channel.configured'
  | 'delivery.not-found'
  | 'delivery.in-digest';

/** What a person states of a step. */
export type StatedMember = Exclude<keyof PlanStep, 'toleratesSkips'>;

/**
 * A part of what was asked: the intent, the hash of the arguments that were decided about, all steps of a plan, or a member of the step at an index. Names
 * below a step's `args` are those of whoever wrote the plan.
 */
export type InputPart =
  | readonly ['intent']
  | readonly ['argsHash']
  | readonly ['from']
  | readonly ['deadline']
  | readonly ['cron']
  | readonly ['args']
  | readonly ['decisions']
  | readonly ['output']
  | readonly ['steps']
  | readonly ['step', index: number, member: StatedMember, ...below: string[]];

/** A command that the domain refuses. `part` is what is wrong of the input, where it is one part. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  constructor(
    readonly code: DomainErrorCode,
    message: string,
    readonly part?: InputPart,
  ) {
    super(message);
  }
}
