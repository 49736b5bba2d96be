import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { byHand } from '../../domain/workflow/by-hand.js';
import { actOnStep, type StepAct, type StepAfterAct } from './act.js';
import { WorkflowDecisions } from './workflow-decisions.js';

/** The run goes on without a step that failed for good, and what depends on it. @throws DomainError workflow.*, step.not-found, step.not-dead-lettered */
export class SkipDeadLetter extends Command<StepAfterAct> {
  constructor(readonly act: StepAct) {
    super();
  }
}

@CommandHandler(SkipDeadLetter)
export class SkipDeadLetterHandler implements ICommandHandler<SkipDeadLetter> {
  constructor(private readonly decisions: WorkflowDecisions) {}

  execute({ act }: SkipDeadLetter): Promise<StepAfterAct> {
    return actOnStep(this.decisions, act, { type: 'SkipDeadLetter', data: { stepId: act.stepId, ...byHand(act) } });
  }
}
