import createClient from 'openapi-fetch';
import type { components, paths } from './schema';

type Schemas = components['schemas'];
export type Alert = Schemas['Alert'];
export type AlertKind = Alert['kind'];
export type AlertList = Schemas['Alerts'];
export type Approval = Schemas['Approval'];
export type ApprovalDetail = Schemas['ApprovalDetail'];
export type DeadLetter = Schemas['DeadLetter'];
export type PlanStep = Schemas['PlanStep'];
export type ParkedEvent = Schemas['ParkedEvent'];
export type Pause = Schemas['Pause'];
export type Run = Schemas['Workflow'];
/** A run as it was after one of its events. */
export type RunThen = Schemas['WorkflowState'];
export type NewSchedule = Schemas['NewSchedule'];
export type Readiness = Schemas['Readiness'];
export type RunFigures = Schemas['RunFigures'];
export type RunFiguresOfBucket = Schemas['RunFiguresOfBucket'];
export type RunSummary = Schemas['WorkflowSummary'];
export type Schedule = Schemas['ScheduleSummary'];
export type SimulatedStep = Schemas['SimulatedStep'];
export type Step = Schemas['WorkflowStep'];
export type TimelineEvent = Schemas['TimelineEvent'];
export type Tool = Schemas['Tool'];
export type ToolFigures = Schemas['ToolFigures'];
export type ApprovalFigures = Schemas['ApprovalFigures'];
export type CodeCount = Schemas['CodeCount'];
export type Wait = Schemas['Wait'];
export type RunState = Run['state'];
export type StepState = Step['state'];
export type RiskLevel = Approval['risk_level'];
export type WaitKind = Wait['kind'];

export const api = createClient<paths>({ baseUrl: '/' });

/** `field` is a JSON Pointer into the request. */
export interface FieldFault {
  readonly field: string;
  readonly message: string;
}

/** The engine refused a request, or did not answer; the message is for people. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly code: string,
    readonly status: number,
    /** What is wrong where in the request. */
    readonly faults: readonly FieldFault[] = [],
  ) {
    super(message);
  }
}

interface Problem {
  readonly detail?: string;
  readonly code?: string;
  readonly errors?: readonly FieldFault[];
}

function refusalOf(problem: Problem | undefined, status: number): Refusal {
  const fields = (problem?.errors ?? []).map(({ field, message }) => `${field} ${message}`.trim()).join('; ');
  const detail = problem?.detail ?? `The engine answered with status ${status}.`;
  const message = fields === '' || detail.includes(fields) ? detail : `${detail} (${fields})`;
  return new Refusal(message, problem?.code ?? 'unknown', status, problem?.errors);
}

/** The body of an answer. @throws Refusal with the problem's `detail` */
export async function answerOf<T>(request: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await request.catch(() => {
    throw new Refusal('The engine does not answer. Is it running, and are you connected?', 'unreachable', 0);
  });
  if (!response.ok || data === undefined) throw refusalOf(error as Problem | undefined, response.status);
  return data;
}
