import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { byHand } from '../../domain/workflow/by-hand.js';
import type { Json } from '../../domain/json.js';
import { mustExist, mustHaveStep } from '../../domain/workflow/decisions/refusals.js';
import { DomainError } from '../../domain/workflow/workflow.errors.js';
import { TOOLS, type Tools } from '../ports/tools.js';
import { actOnStep, type StepAct, type StepAfterAct } from './act.js';
import { WorkflowDecisions } from './workflow-decisions.js';

/** A person has seen to a step that failed for good: it counts as succeeded, with the output that they give. @throws DomainError workflow.*, step.* */
export class CompleteDeadLetter extends Command<StepAfterAct> {
  constructor(readonly act: StepAct & { readonly output: Json }) {
    super();
  }
}

@CommandHandler(CompleteDeadLetter)
export class CompleteDeadLetterHandler implements ICommandHandler<CompleteDeadLetter> {
  constructor(
    private readonly decisions: WorkflowDecisions,
    @Inject(TOOLS) private readonly tools: Tools,
  ) {}

  async execute({ act }: CompleteDeadLetter): Promise<StepAfterAct> {
    const { workflowId, stepId } = act;
    const { state } = await this.decisions.read(workflowId);
    mustExist(state);
    const { tool } = mustHaveStep(state, stepId).plan;
    const checked = this.tools.checkOutput(tool, act.output);
    if (checked.kind === 'invalid')
      throw new DomainError('step.invalid-output', `The output is not what "${tool}" answers: ${checked.problem}`, ['output']);
    const data = { stepId, output: checked.output, ...byHand(act) };
    return actOnStep(this.decisions, act, { type: 'CompleteDeadLetter', data });
  }
}
