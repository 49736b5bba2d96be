import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { NodesController } from './nodes/nodes.controller.js';
import { AlertsController } from './alerts/alerts.controller.js';
import { AnalyticsController } from './analytics/analytics.controller.js';
import { ApprovalsController } from './approvals/approvals.controller.js';
import { DeadLettersController } from './dead-letters/dead-letters.controller.js';
import { NotificationsController } from './notifications/notifications.controller.js';
import { HEALTH_CHECK_LIMIT_MS, HealthController } from './operations/health.controller.js';
import { MetricsController } from './operations/metrics.controller.js';
import { ParkedEventsController } from './parked/parked-events.controller.js';
import { PausesController } from './pauses/pauses.controller.js';
import { PlansController } from './plans/plans.controller.js';
import { ProblemFilter } from './problems/problem.filter.js';
import { StartUpGuard } from './problems/start-up.guard.js';
import { STORE_SILENCE_LIMIT_MS, StoreSilenceInterceptor } from './problems/store-silence.interceptor.js';
import { SchemaPipe } from './requests/schema.pipe.js';
import { SchedulesController } from './schedules/schedules.controller.js';
import { StartPageController } from './start-page/start-page.controller.js';
import { EVENT_STREAM_TIMINGS, STANDARD_TIMINGS } from './stream/event-stream-timings.js';
import { AllRunsStreamController } from './stream/all-runs-stream.controller.js';
import { OpenStreams } from './stream/open-streams.js';
import { WorkflowStreamController } from './stream/workflow-stream.controller.js';
import { ToolsController } from './tools/tools.controller.js';
import { WorkflowControlController } from './workflows/workflow-control.controller.js';
import { WorkflowHistoryController } from './workflows/workflow-history.controller.js';
import { WorkflowsController } from './workflows/workflows.controller.js';

/** How long a request waits while the event store answers nobody, and how long one health check may take, in milliseconds. */
const STORE_SILENCE_MS = 3_000;
const HEALTH_CHECK_MS = 2_000;

/**
 * The HTTP API. Takes the buses of a global CqrsModule and the ports LIVE_TIMELINE, EVENT_LOG_SILENCE, START_UP, HEALTH_CHECKS, METRICS and LOGGER from global providers. An application
 * that has it is set up with `configureHttp` before it listens.
 */
@Module({
  controllers: [
    StartPageController,
    WorkflowsController,
    PlansController,
    WorkflowControlController,
    WorkflowHistoryController,
    WorkflowStreamController,
    AllRunsStreamController,
    ApprovalsController,
    DeadLettersController,
    ParkedEventsController,
    PausesController,
    AlertsController,
    NodesController,
    SchedulesController,
    NotificationsController,
    ToolsController,
    AnalyticsController,
    HealthController,
    MetricsController,
  ],
  providers: [
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_PIPE, useClass: SchemaPipe },
    { provide: APP_GUARD, useClass: StartUpGuard },
    { provide: APP_INTERCEPTOR, useClass: StoreSilenceInterceptor },
    { provide: STORE_SILENCE_LIMIT_MS, useValue: STORE_SILENCE_MS },
    OpenStreams,
    { provide: EVENT_STREAM_TIMINGS, useValue: STANDARD_TIMINGS },
    { provide: HEALTH_CHECK_LIMIT_MS, useValue: HEALTH_CHECK_MS },
  ],
})
export class HttpModule {}
