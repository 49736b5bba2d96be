import { Inject, Injectable } from '@nestjs/common';
import type { Json } from '../../domain/json.js';
import { sampleOf } from '../../domain/plan/sample.js';
import { stepOfKey, type StepRecord, type WorkflowState } from '../../domain/workflow/workflow.state.js';
import { TOOLS, type Tools } from '../ports/tools.js';
import { WorkflowDecisions } from '../workflow/workflow-decisions.js';

/** What stands in the place of calls in a shadow run. It has no way to a tool but its manifest (invariant 40). */
@Injectable()
export class ShadowCalls {
  private readonly manifestOf: Tools['manifest'];

  constructor(
    private readonly decisions: WorkflowDecisions,
    @Inject(TOOLS) tools: Tools,
  ) {
    this.manifestOf = (name) => tools.manifest(name);
  }

  /** The output that the step had in the run which is copied; where it had none, one of the kind that its tool promises. */
  async outputOf({ fork }: WorkflowState, { plan: { key, tool } }: StepRecord): Promise<Json> {
    const { state } = await this.decisions.read(fork!.workflowId);
    const original = stepOfKey(state, key);
    if (original?.state === 'SUCCEEDED') return original.output;
    return sampleOf(this.manifestOf(tool)?.outputSchema ?? {});
  }
}
