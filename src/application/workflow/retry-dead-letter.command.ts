import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { byHand } from '../../domain/workflow/by-hand.js';
import type { JsonObject } from '../../domain/json.js';
import { DomainError } from '../../domain/workflow/workflow.errors.js';
import { toolOfStep } from '../../domain/plan/plan.js';
import { mustExist, mustHaveStep } from '../../domain/workflow/decisions/refusals.js';
import { TOOLS, type Tools } from '../ports/tools.js';
import { actOnStep, type StepAct, type StepAfterAct } from './act.js';
import { WorkflowDecisions } from './workflow-decisions.js';

/** Has a step that failed for good tried again, with other arguments if wanted. Its risk and approval are judged anew. @throws DomainError workflow.*, step.* */
export class RetryDeadLetter extends Command<StepAfterAct> {
  constructor(readonly act: StepAct & { readonly args?: JsonObject; readonly idempotencyKey?: string }) {
    super();
  }
}

@CommandHandler(RetryDeadLetter)
export class RetryDeadLetterHandler implements ICommandHandler<RetryDeadLetter> {
  constructor(
    private readonly decisions: WorkflowDecisions,
    @Inject(TOOLS) private readonly tools: Tools,
  ) {}

  async execute({ act }: RetryDeadLetter): Promise<StepAfterAct> {
    const { workflowId, stepId, args, idempotencyKey: requestKey } = act;
    const { state } = await this.decisions.read(workflowId);
    mustExist(state);
    const step = mustHaveStep(state, stepId);
    const { tool: name } = step.plan;
    const manifest = this.tools.manifest(name);
    if (!manifest) throw new DomainError('step.unknown-tool', `This node has no tool "${name}".`);
    const complete = args ?? step.args;
    const problem = complete && this.tools.checkArgs(name, complete);
    if (problem) {
      const hint = JSON.stringify(complete).includes('"$from"') ? ' References are not possible here: give complete arguments.' : '';
      throw new DomainError('step.invalid-args', `The arguments do not fit "${name}": ${problem}${hint}`, ['args']);
    }
    const tool = toolOfStep(manifest);
    const asked = { stepId, tool, ...byHand(act), ...(args && { args }), ...(requestKey === undefined ? {} : { requestKey }) };
    return actOnStep(this.decisions, act, { type: 'RetryDeadLetter', data: asked });
  }
}
