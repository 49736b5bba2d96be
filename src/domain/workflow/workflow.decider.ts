import { cancelWorkflow, giveUpWorkflow } from './decisions/cancel-workflow.js';
import { completeDeadLetter, retryDeadLetter, skipDeadLetter } from './decisions/dead-letter-decisions.js';
import { decideApproval } from './decisions/decide-approval.js';
import { remindApproval } from './decisions/remind-approval.js';
import { endStopping } from './decisions/end-stopping.js';
import { makeReadyAgain, parkEvent, settleParkedEvent } from './decisions/parked-events.js';
import { pauseWorkflow, resumeWorkflow } from './decisions/pause-workflow.js';
import { recordPlan, recordPlanFailure } from './decisions/record-plan.js';
import { refuseStepResult } from './decisions/refuse-step-result.js';
import { recordStepFailure, recordStepSuccess } from './decisions/record-step-outcome.js';
import { retryStep } from './decisions/retry-step.js';
import { missDeadline, reachStartTime } from './decisions/run-times.js';
import { scheduleReadySteps } from './decisions/schedule-ready-steps.js';
import { startStep } from './decisions/start-step.js';
import { offerTool, waitForTool } from './decisions/tool-waits.js';
import { submitIntent } from './decisions/submit-intent.js';
import type { WorkflowEvent } from './events/workflow-events.js';
import type { DecisionContext, WorkflowCommand } from './workflow.commands.js';
import type { WorkflowState } from './workflow.state.js';

/**
 * The events a command leads to; none where it was carried out before.
 * @throws DomainError where the command is refused
 */
export function decide(command: WorkflowCommand, state: WorkflowState, context: DecisionContext): readonly WorkflowEvent[] {
  switch (command.type) {
    case 'SubmitIntent':
      return submitIntent(command.data, state, context);
    case 'RecordPlan':
      return recordPlan(command.data, state, context);
    case 'RecordPlanFailure':
      return recordPlanFailure(command.data, state, context);
    case 'ScheduleReadySteps':
      return scheduleReadySteps(command.data, state, context);
    case 'StartStep':
      return startStep(command.data, state, context);
    case 'WaitForTool':
      return waitForTool(command.data, state, context);
    case 'OfferTool':
      return offerTool(command.data, state, context);
    case 'RecordStepSuccess':
      return recordStepSuccess(command.data, state, context);
    case 'RecordStepFailure':
      return recordStepFailure(command.data, state, context);
    case 'RefuseStepResult':
      return refuseStepResult(command.data, state, context);
    case 'RetryStep':
      return retryStep(command.data, state, context);
    case 'RemindApproval':
      return remindApproval(command.data, state, context);
    case 'DecideApproval':
      return decideApproval(command.data, state, context);
    case 'CancelWorkflow':
      return cancelWorkflow(command.data, state, context);
    case 'GiveUpWorkflow':
      return giveUpWorkflow(command.data, state, context);
    case 'ReachStartTime':
      return reachStartTime(state, context);
    case 'MissDeadline':
      return missDeadline(state, context);
    case 'EndStopping':
      return endStopping(state, context);
    case 'ParkEvent':
      return parkEvent(command.data, state, context);
    case 'SettleParkedEvent':
      return settleParkedEvent(command.data, state, context);
    case 'MakeReadyAgain':
      return makeReadyAgain(command.data, state, context);
    case 'PauseWorkflow':
      return pauseWorkflow(command.data, state, context);
    case 'ResumeWorkflow':
      return resumeWorkflow(command.data, state, context);
    case 'RetryDeadLetter':
      return retryDeadLetter(command.data, state, context);
    case 'SkipDeadLetter':
      return skipDeadLetter(command.data, state, context);
    case 'CompleteDeadLetter':
      return completeDeadLetter(command.data, state, context);
    default:
      return command satisfies never;
  }
}
