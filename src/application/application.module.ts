import { Module } from '@nestjs/common';
import { ToolOffers } from './execution/tool-offers.js';
import { ApprovalReminders } from './execution/approval-reminders.js';
import { Timers } from './execution/timers.js';
import { LimitOffers } from './execution/limit-offers.js';
import { ShadowCalls } from './execution/shadow-calls.js';
import { AttemptCalls } from './execution/attempt-calls.js';
import { RunDeliveries } from './execution/run-deliveries.js';
import { TakingUp } from './execution/taking-up.js';
import { StepOffers } from './execution/step-offers.js';
import { StartLimits } from './execution/start-limits.js';
import { EXECUTOR_SETTINGS, type ExecutorSettings } from './execution/executor-settings.js';
import { StepExecutor } from './execution/step-executor.js';
import { Sequences } from './ids/sequences.js';
import { LiftPauseHandler } from './pauses/lift-pause.command.js';
import { SetPauseHandler } from './pauses/set-pause.command.js';
import { DropParkedEventHandler } from './parking/drop-parked-event.command.js';
import { EventParking } from './parking/event-parking.js';
import { ReplayParkedEventHandler } from './parking/replay-parked-event.command.js';
import { ChannelRegistry } from './notifications/channel-registry.js';
import { ConfiguredChannels } from './notifications/configured-channels.js';
import { AlertWatch } from './alerts/alert-watch.js';
import { ListAlertsHandler } from './queries/list-alerts.js';
import { DeliveryDecisions } from './notifications/delivery-decisions.js';
import { DeliveryPlanner } from './notifications/delivery-planner.js';
import { Notifications } from './notifications/notifications.js';
import { CreateChannelHandler } from './notifications/create-channel.command.js';
import { DeleteChannelHandler } from './notifications/delete-channel.command.js';
import { EnableChannelHandler } from './notifications/enable-channel.command.js';
import { RotateSecretHandler } from './notifications/rotate-secret.command.js';
import { TestChannelHandler } from './notifications/test-channel.command.js';
import { RedeliverHandler } from './notifications/redeliver.command.js';
import { ListChannelsHandler } from './queries/list-channels.js';
import { GetChannelHandler } from './queries/get-channel.js';
import { ListDeliveriesHandler } from './queries/list-deliveries.js';
import { CLOCK, type Clock } from './ports/clock.js';
import { EVENT_LOG } from './ports/event-log.js';
import { TOOLS, type Tools } from './ports/tools.js';
import { AnalyticsPeriods } from './queries/analytics-period.js';
import { GetAnalyticsApprovalsHandler } from './queries/get-analytics-approvals.js';
import { GetAnalyticsSummaryHandler } from './queries/get-analytics-summary.js';
import { GetAnalyticsToolsHandler } from './queries/get-analytics-tools.js';
import { FreshReadModels } from './queries/freshness.js';
import { GetWaitingHandler } from './queries/get-waiting.js';
import { GetLogPositionHandler } from './queries/get-log-position.js';
import { GetApprovalHandler } from './queries/get-approval.js';
import { GetTimelineHandler } from './queries/get-timeline.js';
import { GetWorkflowApprovalsHandler } from './queries/get-workflow-approvals.js';
import { GetWorkflowEventsHandler } from './queries/get-workflow-events.js';
import { GetWorkflowStateHandler } from './queries/get-workflow-state.js';
import { GetWorkflowHandler } from './queries/get-workflow.js';
import { ListApprovalsHandler } from './queries/list-approvals.js';
import { ListDeadLettersHandler } from './queries/list-dead-letters.js';
import { ListParkedEventsHandler } from './queries/list-parked-events.js';
import { ListPausesHandler } from './queries/list-pauses.js';
import { ListToolsHandler } from './queries/list-tools.js';
import { ListWorkflowsHandler } from './queries/list-workflows.js';
import { CreateScheduleHandler } from './schedules/create-schedule.command.js';
import { DeleteScheduleHandler } from './schedules/delete-schedule.command.js';
import { NextOccurrences } from './schedules/next-occurrences.js';
import { PauseScheduleHandler } from './schedules/pause-schedule.command.js';
import { ResumeScheduleHandler } from './schedules/resume-schedule.command.js';
import { ScheduleDecisions } from './schedules/schedule-decisions.js';
import { Schedules } from './schedules/schedules.js';
import { TriggerScheduleHandler } from './schedules/trigger-schedule.command.js';
import { SimulatePlanHandler } from './queries/simulate-plan.js';
import { GetScheduleHandler } from './queries/get-schedule.js';
import { ListNodesHandler } from './queries/list-nodes.js';
import { ListSchedulesHandler } from './queries/list-schedules.js';
import { SagaRunner } from './sagas/saga-runner.js';
import { ApprovalAddresses } from './workflow/approval-addresses.js';
import { CompleteDeadLetterHandler } from './workflow/complete-dead-letter.command.js';
import { DecideDeadLettersHandler } from './workflow/decide-dead-letters.command.js';
import { GiveUpWorkflowHandler } from './workflow/give-up-workflow.command.js';
import { PauseWorkflowHandler } from './workflow/pause-workflow.command.js';
import { RerunWorkflowHandler } from './workflow/rerun-workflow.command.js';
import { ResumeWorkflowHandler } from './workflow/resume-workflow.command.js';
import { RetryDeadLetterHandler } from './workflow/retry-dead-letter.command.js';
import { SkipDeadLetterHandler } from './workflow/skip-dead-letter.command.js';
import { ForkWorkflowHandler } from './workflow/fork-workflow.command.js';
import { CompensateWorkflowHandler } from './workflow/compensate-workflow.command.js';
import { CancelWorkflowHandler } from './workflow/cancel-workflow.command.js';
import { DecideApprovalHandler } from './workflow/decide-approval.command.js';
import { PlanWorkflowHandler } from './workflow/plan-workflow.command.js';
import { ScheduleReadyStepsHandler } from './workflow/schedule-ready-steps.command.js';
import { StoredEvents } from './workflow/stored-events.js';
import { SubmissionClaims } from './workflow/submission-claims.js';
import { SubmitIntentHandler } from './workflow/submit-intent.command.js';
import { WorkflowDecisions } from './workflow/workflow-decisions.js';

const commandHandlers = [
  SubmitIntentHandler,
  PlanWorkflowHandler,
  ScheduleReadyStepsHandler,
  DecideApprovalHandler,
  CancelWorkflowHandler,
  CompensateWorkflowHandler,
  ForkWorkflowHandler,
  GiveUpWorkflowHandler,
  PauseWorkflowHandler,
  ResumeWorkflowHandler,
  RetryDeadLetterHandler,
  SkipDeadLetterHandler,
  CompleteDeadLetterHandler,
  DecideDeadLettersHandler,
  RerunWorkflowHandler,
  SetPauseHandler,
  LiftPauseHandler,
  CreateScheduleHandler,
  PauseScheduleHandler,
  ResumeScheduleHandler,
  DeleteScheduleHandler,
  TriggerScheduleHandler,
  ReplayParkedEventHandler,
  DropParkedEventHandler,
  CreateChannelHandler,
  DeleteChannelHandler,
  EnableChannelHandler,
  RotateSecretHandler,
  TestChannelHandler,
  RedeliverHandler,
];

const queryHandlers = [
  GetWorkflowHandler,
  ListWorkflowsHandler,
  GetTimelineHandler,
  GetApprovalHandler,
  GetWorkflowApprovalsHandler,
  ListApprovalsHandler,
  ListDeadLettersHandler,
  ListParkedEventsHandler,
  ListPausesHandler,
  ListNodesHandler,
  ListSchedulesHandler,
  GetScheduleHandler,
  GetWorkflowEventsHandler,
  GetWorkflowStateHandler,
  GetLogPositionHandler,
  GetWaitingHandler,
  ListToolsHandler,
  SimulatePlanHandler,
  GetAnalyticsSummaryHandler,
  GetAnalyticsToolsHandler,
  GetAnalyticsApprovalsHandler,
  ListChannelsHandler,
  GetChannelHandler,
  ListDeliveriesHandler,
  ListAlertsHandler,
];

/** Commands, questions, sagas and execution. Ports come from a global module that the composition root provides. */
@Module({
  providers: [
    { provide: Sequences, useFactory: (...[log]: ConstructorParameters<typeof Sequences>) => new Sequences(log), inject: [EVENT_LOG] },
    StoredEvents,
    WorkflowDecisions,
    ApprovalAddresses,
    SubmissionClaims,
    FreshReadModels,
    AnalyticsPeriods,
    RunDeliveries,
    StepOffers,
    AttemptCalls,
    SagaRunner,
    StepExecutor,
    Timers,
    ApprovalReminders,
    TakingUp,
    ToolOffers,
    LimitOffers,
    ShadowCalls,
    {
      provide: StartLimits,
      useFactory: ({ users }: ExecutorSettings, tools: Tools, clock: Clock) =>
        new StartLimits(
          users,
          (tool) => tools.manifest(tool)?.rate,
          () => clock.elapsed(),
        ),
      inject: [EXECUTOR_SETTINGS, TOOLS, CLOCK],
    },
    EventParking,
    ScheduleDecisions,
    NextOccurrences,
    Schedules,
    ChannelRegistry,
    ConfiguredChannels,
    DeliveryDecisions,
    DeliveryPlanner,
    Notifications,
    AlertWatch,
    ...commandHandlers,
    ...queryHandlers,
  ],
  exports: [SagaRunner, StepExecutor, Timers, ApprovalReminders, ToolOffers, LimitOffers, Schedules, Notifications, AlertWatch],
})
export class ApplicationModule {}
