import { canonicalJson, type JsonObject } from '../json.js';
import { findReferences, valueAt } from '../plan/data-flow.js';
import { pointerTokens } from '../plan/json-schema.js';
import { stepOfKey, type StepRecord, type WorkflowState } from './workflow.state.js';

/** A place in complete arguments whose value came from another step's output. */
export interface ArgumentSource {
  /** JSON Pointer into the arguments. */
  readonly place: string;
  readonly stepId: number;
  readonly stepName: string;
}

/**
 * Where the parts of complete arguments of a step came from that are not the plan's own words. Of a step that a person had tried again with other arguments, those
 * that still are what the other step's output has.
 */
export function sourcesOf(step: StepRecord, args: JsonObject, state: WorkflowState): readonly ArgumentSource[] {
  return findReferences(step.plan.args).references.flatMap(({ from, path, place }) => {
    const source = stepOfKey(state, from);
    if (!source) return [];
    if (step.edits > 0) {
      const given = valueAt(args, pointerTokens(place) ?? []);
      const came = valueAt(source.output, pointerTokens(path) ?? []);
      if (given === undefined || came === undefined || canonicalJson(given) !== canonicalJson(came)) return [];
    }
    return [{ place, stepId: source.plan.stepId, stepName: source.plan.name }];
  });
}
