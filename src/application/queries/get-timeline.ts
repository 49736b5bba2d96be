import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { TIMELINE_READER, WORKFLOWS_READER, type RunStatus, type TimelineReader, type WorkflowsReader } from '../ports/read-models.js';
import type { LoggedEntry } from '../timeline/logged-entry.js';
import { FreshReadModels, type Freshness } from './freshness.js';

export interface Timeline extends RunStatus {
  readonly workflowId: number;
  readonly entries: readonly LoggedEntry[];
  /** Ask after this revision for what follows; null where this is all there is now. */
  readonly next: number | null;
}

/** What happened in a run, oldest first, after a revision. @throws DomainError workflow.not-found; ApplicationError read-model.behind */
export class GetTimeline extends Query<Timeline> {
  constructor(readonly question: Freshness & { readonly workflowId: number; readonly after?: number; readonly limit: number }) {
    super();
  }
}

@QueryHandler(GetTimeline)
export class GetTimelineHandler implements IQueryHandler<GetTimeline> {
  constructor(
    private readonly fresh: FreshReadModels,
    @Inject(WORKFLOWS_READER) private readonly workflows: WorkflowsReader,
    @Inject(TIMELINE_READER) private readonly timeline: TimelineReader,
  ) {}

  async execute({ question }: GetTimeline): Promise<Timeline> {
    const { workflowId, after, limit } = question;
    const status = await this.fresh.ofRun(question, () => this.workflows.status(workflowId));
    // One more than is asked for tells whether there are more.
    const found = await this.timeline.list(workflowId, { limit: limit + 1, ...(after === undefined ? {} : { after }) });
    const entries = found.slice(0, limit);
    return { workflowId, ...status, entries, next: found.length > limit ? entries.at(-1)!.id : null };
  }
}
