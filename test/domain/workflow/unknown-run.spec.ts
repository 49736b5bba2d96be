import type { WorkflowCommand, WorkflowCommandType } from '../../../src/domain/workflow/workflow.commands.js';
import {
  approve,
  cancel,
  complete,
  dropParked,
  endStopping,
  fail,
  giveUp,
  offerTool,
  missDeadline,
  park,
  pause,
  reachStartTime,
  readyAgain,
  recordPlan,
  recordPlanFailure,
  refuseResult,
  reject,
  remind,
  replayParked,
  resume,
  retry,
  schedule,
  skip,
  start,
  succeed,
  tryAgain,
  waitForTool,
} from '../support/commands.js';
import { plannedStep } from '../support/planned-steps.js';
import { given } from '../support/scenario.js';

/** One entry for each command but the one that makes a run: a new one that is forgotten does not compile. */
const COMMANDS: { readonly [T in Exclude<WorkflowCommandType, 'SubmitIntent'>]: readonly WorkflowCommand[] } = {
  RecordPlan: [recordPlan(plannedStep(1))],
  RecordPlanFailure: [recordPlanFailure],
  ScheduleReadySteps: [schedule()],
  StartStep: [start(1)],
  WaitForTool: [waitForTool(1)],
  OfferTool: [offerTool(1)],
  RecordStepSuccess: [succeed(1)],
  RecordStepFailure: [fail(1)],
  RefuseStepResult: [refuseResult(1)],
  RetryStep: [retry(1, 2)],
  RemindApproval: [remind(11)],
  DecideApproval: [approve(11), reject(11)],
  CancelWorkflow: [cancel()],
  GiveUpWorkflow: [giveUp()],
  EndStopping: [endStopping],
  ReachStartTime: [reachStartTime],
  MissDeadline: [missDeadline],
  ParkEvent: [park('advance-run', 1)],
  SettleParkedEvent: [replayParked('advance-run', 1), dropParked('advance-run', 1)],
  MakeReadyAgain: [readyAgain(1)],
  PauseWorkflow: [pause],
  ResumeWorkflow: [resume],
  RetryDeadLetter: [tryAgain(1)],
  SkipDeadLetter: [skip(1)],
  CompleteDeadLetter: [complete(1)],
};

describe('a run that was never submitted', () => {
  it.each(Object.entries(COMMANDS).flatMap(([type, commands]) => commands.map((command) => [type, command] as const)))(
    'refuses %s as workflow.not-found',
    (_, command) => {
      given()
        .when(command)
        .thenRefused('workflow.not-found', /There is no workflow 42/);
    },
  );
});
