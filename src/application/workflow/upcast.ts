import type { StepError, WorkflowEvent } from '../../domain/workflow/events/workflow-events.js';
import type { EffectCertainty, SkipCause } from '../../domain/workflow/lifecycle.js';

/** What errors of the engine itself left open in events that do not say so: a tool's own errors said that it had no effect. */
const effectOf = (code: string): EffectCertainty => (/^(attempt|tool)\./.test(code) ? 'unknown' : 'none');

const withEffect = (error: StepError): StepError => ({ ...error, effect: effectOf(error.code) });

const causeOf = (reason: string): SkipCause => (/^Its approval was rejected/.test(reason) ? 'rejected' : 'dependency');

/** An event of an older version of the engine with the members that it lacks, read from what it says in their place. */
export function upcast(event: WorkflowEvent): WorkflowEvent {
  switch (event.type) {
    case 'StepFailed':
      return (event.data.error.effect as unknown) === undefined
        ? { type: event.type, data: { ...event.data, error: withEffect(event.data.error) } }
        : event;
    case 'StepDeadLettered':
      return (event.data.error.effect as unknown) === undefined
        ? { type: event.type, data: { ...event.data, error: withEffect(event.data.error) } }
        : event;
    case 'StepWaitsForTool':
      // Once nothing but the lack of the tool itself made a step wait.
      return (event.data.because as unknown) === undefined ? { type: event.type, data: { ...event.data, because: 'absent' } } : event;
    case 'StepSkipped':
      return (event.data.cause as unknown) === undefined
        ? { type: event.type, data: { ...event.data, cause: causeOf(event.data.reason) } }
        : event;
    default:
      return event;
  }
}
