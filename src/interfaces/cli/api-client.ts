import { createParser } from 'eventsource-parser';

/** An answer of the engine that is not a success, in one line. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    message: string,
    readonly status?: number,
    readonly code?: string,
  ) {
    super(message);
  }
}

export interface TimelineEventDto {
  readonly id: number;
  readonly position: string;
  readonly type: string;
  readonly message: string;
  readonly step_id: number | null;
  readonly at: string;
  readonly data: Record<string, unknown>;
}

export interface ApprovalDto {
  readonly approval_id: number;
  readonly workflow_id: number;
  readonly step_id: number;
  readonly step_name: string;
  readonly tool: string;
  readonly risk_level: string;
  readonly reason: string;
  readonly status: string;
  readonly args: unknown;
  readonly args_hash: string;
}

export interface WorkflowDto {
  readonly workflow_id: number;
  readonly state: string;
  readonly waiting_for: readonly { readonly kind: string; readonly step_id: number | null }[];
  readonly steps: readonly {
    readonly step_id: number;
    readonly key: string;
    readonly name: string;
    readonly state: string;
    readonly depends_on: readonly string[];
    readonly error: { readonly message: string } | null;
  }[];
}

export interface SubmittedDto {
  readonly workflow_id: number;
  readonly state: string;
  readonly intent: string;
  readonly position: string;
}

export interface DeadLetterDto {
  readonly workflow_id: number;
  readonly intent: string;
  readonly step_id: number;
  readonly step_name: string;
  readonly tool: string;
  readonly attempts: number;
  readonly args: unknown;
  readonly error: { readonly code: string; readonly message: string; readonly effect: string };
  readonly dead_lettered_at: string;
}

export interface ParkedEventDto {
  readonly parked_id: string;
  readonly event_type: string;
  readonly tries: number;
  readonly reason: string;
  readonly parked_at: string;
}

export interface NodeDto {
  readonly worker: string;
  readonly version: string;
  readonly is_self: boolean;
  readonly lease: 'held' | 'over';
  readonly started_at: string;
  readonly running: number;
  readonly capacity: number;
}

export interface AlertDto {
  readonly name: string;
  readonly detail: string;
  readonly began_at: string;
  readonly ended_at: string | null;
}

export interface PauseDto {
  readonly pause_id: number;
  readonly tool: string | null;
  readonly since: string;
  readonly set_by: number | null;
  readonly reason: string | null;
}

export interface ChannelDto {
  readonly channel_id: number;
  readonly type: string;
  readonly destination: string;
  readonly events: readonly string[];
  readonly state: string;
  readonly disabled_because: string | null;
}

export interface DeliveryDto {
  readonly delivery_id: string;
  readonly channel_id: number;
  readonly status: string;
  readonly title: string;
  readonly tries: readonly { readonly error: string | null }[];
}

export interface ScheduleDto {
  readonly schedule_id: number;
  readonly intent: string;
  readonly cron: string;
  readonly time_zone: string;
  readonly state: string;
  readonly next_at: string | null;
  readonly last_scheduled_for: string | null;
  readonly last_workflow_id: number | null;
  readonly skipped: number;
}

export interface BulkOutcomeDto {
  readonly done: number;
  readonly failed: readonly { readonly workflow_id: number; readonly step_id: number; readonly detail: string }[];
  readonly more: boolean;
}

export interface StoredEventDto {
  readonly event_id: string;
  readonly revision: number;
  readonly position: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
  readonly metadata: Record<string, unknown>;
}

/** The engine's HTTP API as the command line uses it. All methods throw ApiError. */
export class ApiClient {
  constructor(readonly baseUrl: string) {}

  submit(userId: number, intent: string): Promise<SubmittedDto> {
    return this.request('POST', '/api/workflows/submit', { user_id: userId, intent });
  }

  workflow(workflowId: number, minPosition?: string): Promise<WorkflowDto> {
    return this.request('GET', `/api/workflows/${workflowId}${minPosition === undefined ? '' : `?min_position=${minPosition}`}`);
  }

  async timeline(workflowId: number): Promise<readonly TimelineEventDto[]> {
    return (await this.request<{ events: readonly TimelineEventDto[] }>('GET', `/api/workflows/${workflowId}/timeline`)).events;
  }

  approvals(workflowId: number): Promise<readonly ApprovalDto[]> {
    return this.request('GET', `/api/approvals/workflow/${workflowId}`);
  }

  approval(approvalId: number, minPosition: string): Promise<ApprovalDto> {
    return this.request('GET', `/api/approvals/${approvalId}?min_position=${minPosition}`);
  }

  decide(approval: ApprovalDto, decision: 'approve' | 'reject', decidedBy: number, reason?: string): Promise<{ readonly status: string }> {
    return this.request('POST', `/api/approvals/${approval.approval_id}/decision`, {
      decision,
      decided_by: decidedBy,
      args_hash: approval.args_hash,
      ...(reason === undefined ? {} : { reason }),
    });
  }

  control(workflowId: number, action: 'cancel' | 'pause' | 'resume' | 'give-up', act: object): Promise<{ readonly state: string }> {
    return this.request('POST', `/api/workflows/${workflowId}/${action}`, act);
  }

  compensate(workflowId: number, act: object): Promise<SubmittedDto> {
    return this.request('POST', `/api/workflows/${workflowId}/compensate`, act);
  }

  rerun(workflowId: number, act: object): Promise<SubmittedDto> {
    return this.request('POST', `/api/workflows/${workflowId}/rerun`, act);
  }

  deadLetters(filter: Readonly<Record<string, string | number>>): AsyncGenerator<DeadLetterDto, void, undefined> {
    return this.pages('/api/dead-letters', filter);
  }

  parkedEvents(): AsyncGenerator<ParkedEventDto, void, undefined> {
    return this.pages('/api/parked', {});
  }

  pauses(): Promise<readonly PauseDto[]> {
    return this.request('GET', '/api/pauses');
  }

  nodes(): Promise<{ readonly items: readonly NodeDto[] }> {
    return this.request('GET', '/api/nodes');
  }

  alerts(): Promise<{ readonly active: readonly AlertDto[]; readonly ended: readonly AlertDto[] }> {
    return this.request('GET', '/api/alerts');
  }

  schedules(cursor?: string): Promise<{ readonly items: readonly ScheduleDto[]; readonly next_cursor: string | null }> {
    return this.request('GET', `/api/schedules${cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`}`);
  }

  schedule(scheduleId: number): Promise<ScheduleDto> {
    return this.request('GET', `/api/schedules/${scheduleId}`);
  }

  createSchedule(schedule: object): Promise<Pick<ScheduleDto, 'schedule_id' | 'next_at'>> {
    return this.request('POST', '/api/schedules', schedule);
  }

  controlSchedule(scheduleId: number, action: 'pause' | 'resume', act: object): Promise<Pick<ScheduleDto, 'state' | 'next_at'>> {
    return this.request('POST', `/api/schedules/${scheduleId}/${action}`, act);
  }

  triggerSchedule(scheduleId: number, act: object): Promise<SubmittedDto> {
    return this.request('POST', `/api/schedules/${scheduleId}/trigger`, act);
  }

  deleteSchedule(scheduleId: number, act: object): Promise<Pick<ScheduleDto, 'state'>> {
    return this.request('DELETE', `/api/schedules/${scheduleId}`, act);
  }

  setPause(pause: object): Promise<PauseDto> {
    return this.request('POST', '/api/pauses', pause);
  }

  liftPause(pauseId: number, act: object): Promise<PauseDto> {
    return this.request('DELETE', `/api/pauses/${pauseId}`, act);
  }

  channels(): Promise<readonly ChannelDto[]> {
    return this.request('GET', '/api/notifications/channels');
  }

  createChannel(channel: object): Promise<{ readonly channel_id: number; readonly secret?: string }> {
    return this.request('POST', '/api/notifications/channels', channel);
  }

  actOnChannel(
    channelId: number,
    action: 'test' | 'enable' | 'rotate-secret',
    act: object,
  ): Promise<{ readonly state: string; readonly delivery_id: string; readonly secret: string; readonly former_until: string }> {
    return this.request('POST', `/api/notifications/channels/${channelId}/${action}`, act);
  }

  deleteChannel(channelId: number, act: object): Promise<{ readonly state: string }> {
    return this.request('DELETE', `/api/notifications/channels/${channelId}`, act);
  }

  deliveries(filter: Readonly<Record<string, string | number>>): AsyncGenerator<DeliveryDto, void, undefined> {
    return this.pages('/api/notifications/deliveries', filter);
  }

  redeliver(deliveryId: string, act: object): Promise<{ readonly status: string }> {
    return this.request('POST', `/api/notifications/deliveries/${encodeURIComponent(deliveryId)}/redeliver`, act);
  }

  settleParked(parkedId: string, action: 'replay' | 'drop', act: object): Promise<{ readonly state: string }> {
    return this.request('POST', `/api/parked/${encodeURIComponent(parkedId)}/${action}`, act);
  }

  decideLetter(
    workflowId: number,
    stepId: number,
    action: 'retry' | 'skip' | 'complete',
    act: object,
  ): Promise<{ readonly state: string }> {
    return this.request('POST', `/api/workflows/${workflowId}/steps/${stepId}/${action}`, act);
  }

  decideLetters(decision: object): Promise<BulkOutcomeDto> {
    return this.request('POST', '/api/dead-letters/bulk', decision);
  }

  events(workflowId: number, from: number): Promise<{ readonly events: readonly StoredEventDto[]; readonly next_from: number | null }> {
    return this.request('GET', `/api/workflows/${workflowId}/events?from=${from}&limit=1000`);
  }

  /** The run's live timeline after an event, until its final event. A lost connection is taken up again where it broke. */
  async *stream(workflowId: number, after: number, closing: AbortSignal): AsyncGenerator<TimelineEventDto, void, undefined> {
    let last = after;
    for (let failures = 0; ; failures++) {
      try {
        for await (const event of this.streamOnce(workflowId, last, closing)) {
          failures = 0;
          last = event.id;
          yield event;
        }
        return;
      } catch (error) {
        if (closing.aborted) return;
        if (failures >= 5 || (error instanceof ApiError && error.status !== undefined)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }

  private async *streamOnce(workflowId: number, after: number, closing: AbortSignal): AsyncGenerator<TimelineEventDto, void, undefined> {
    const response = await this.fetch('GET', `/api/workflows/${workflowId}/stream`, undefined, { 'Last-Event-ID': String(after) }, closing);
    const events: TimelineEventDto[] = [];
    // What has no id is no event of the run: it says that the run waits.
    const parser = createParser({
      onEvent: ({ id, data }) => {
        if (id !== undefined) events.push(JSON.parse(data) as TimelineEventDto);
      },
    });
    const text = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      parser.feed(text.decode(chunk, { stream: true }));
      yield* events.splice(0);
    }
  }

  /** The items of a list, page by page. */
  private async *pages<T>(path: string, filter: Readonly<Record<string, string | number>>): AsyncGenerator<T, void, undefined> {
    const query = new URLSearchParams(Object.entries(filter).map(([key, value]): [string, string] => [key, String(value)]));
    for (let cursor: string | null = ''; cursor !== null;) {
      if (cursor !== '') query.set('cursor', cursor);
      const page: { readonly items: readonly T[]; readonly next_cursor: string | null } = await this.request(
        'GET',
        `${path}?${query.toString()}`,
      );
      yield* page.items;
      cursor = page.next_cursor;
    }
  }

  private async request<T>(method: string, path: string, body?: unknown): Promise<T> {
    return (await (await this.fetch(method, path, body)).json()) as T;
  }

  private async fetch(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(new URL(path, this.baseUrl), {
        method,
        ...(signal ? { signal } : {}),
        headers: body === undefined ? headers : { ...headers, 'Content-Type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
      throw new ApiError(`no engine answers at ${this.baseUrl} (${cause})`);
    }
    if (response.ok) return response;
    const problem = (await response.json().catch(() => ({}))) as {
      readonly detail?: string;
      readonly title?: string;
      readonly code?: string;
    };
    throw new ApiError(problem.detail ?? problem.title ?? `${method} ${path} answered ${response.status}`, response.status, problem.code);
  }
}
