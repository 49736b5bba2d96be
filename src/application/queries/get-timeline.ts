import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { TIMELINE_READER, WORKFLOWS_READER, type TimelineReader, type WorkflowsReader } from '../ports/read-models.js';
import type { RunState } from '../../domain/workflow/lifecycle.js';
import type { LoggedEntry } from '../timeline/logged-entry.js';
import { FreshReadModels, type Freshness } from './freshness.js';

export interface Timeline {
  readonly workflowId: number;
  readonly state: RunState;
  readonly entries: readonly LoggedEntry[];
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
    const summary = await this.fresh.ofRun(question, () => this.workflows.summary(workflowId));
    const entries = await this.timeline.list(workflowId, { limit, ...(after === undefined ? {} : { after }) });
    return { workflowId, state: summary.state, entries };
  }
}
