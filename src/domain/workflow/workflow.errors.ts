/** Why a command is refused. Codes are part of the API: never rename one. */
export type DomainErrorCode =
  | 'intent.empty'
  | 'intent.too-long'
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
  | 'step.not-found'
  | 'step.not-ready'
  | 'step.attempt-not-running'
  | 'step.retry-not-due'
  | 'approval.not-found'
  | 'approval.already-decided'
  | 'approval.void'
  | 'approval.stale-arguments';

/** A command that the domain refuses. `field` names the part of the input that is wrong, as a JSON Pointer into it, where one part is. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  constructor(
    readonly code: DomainErrorCode,
    message: string,
    readonly field?: string,
  ) {
    super(message);
  }
}
