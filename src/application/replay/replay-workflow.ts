import { evolve } from '../../domain/workflow/evolve.js';
import { ApplicationError } from '../application.errors.js';
import type { EventLog, RecordedEvent } from '../ports/event-log.js';
import { submissionOf } from '../workflow/submission.js';
import { workflowNotFound } from '../queries/workflow-not-found.js';
import { workflowEventOf, workflowStream } from '../workflow/workflow-codec.js';
import { emptySnapshot, type WorkflowSnapshot } from '../workflow/workflow-history.js';

export interface ReplayStep {
  readonly event: RecordedEvent;
  readonly before: WorkflowSnapshot;
  readonly after: WorkflowSnapshot;
}

/** Folds a run's events one by one, from the first. @throws NewerEvent */
export async function* replay(log: EventLog, workflowId: number): AsyncGenerator<ReplayStep> {
  let before = emptySnapshot(workflowId);
  for await (const recorded of log.readStream(workflowStream(workflowId))) {
    const event = workflowEventOf(recorded);
    const after = { state: event ? evolve(before.state, event) : before.state, revision: recorded.revision, position: recorded.position };
    yield { event: recorded, before, after };
    before = after;
  }
}

/**
 * A run as it was after a revision, or at a time (ISO 8601), or now.
 * @throws DomainError workflow.not-found; ApplicationError revision.not-found
 */
export async function replayTo(
  log: EventLog,
  workflowId: number,
  until: { readonly revision?: number; readonly at?: string },
): Promise<WorkflowSnapshot> {
  let last = emptySnapshot(workflowId);
  const latest = until.at === undefined ? Infinity : Date.parse(until.at);
  for await (const { event, after } of replay(log, workflowId)) {
    if (Date.parse(event.data['at'] as string) > latest) break;
    last = after;
    if (event.revision === until.revision) break;
  }
  if (last.revision < 0 && until.at === undefined) throw workflowNotFound(workflowId);
  if (until.revision !== undefined && last.revision < until.revision) {
    throw new ApplicationError(
      'revision.not-found',
      `Workflow ${workflowId} has no revision ${until.revision}: its last one is ${last.revision}.`,
    );
  }
  if (last.state.state === undefined) {
    if (until.at !== undefined) throw new ApplicationError('revision.not-found', `Workflow ${workflowId} did not exist at ${until.at}.`);
    // What a large plan or a rerun is made of comes before the submission.
    const submission = await submissionOf(log, workflowId);
    if (!submission) throw workflowNotFound(workflowId);
    throw new ApplicationError('revision.not-found', `Workflow ${workflowId} begins at revision ${submission.revision}.`);
  }
  return last;
}
