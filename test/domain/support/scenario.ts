import { canonicalJson } from '../../../src/domain/json.js';
import type { WorkflowEvent, WorkflowEventType } from '../../../src/domain/workflow/events/workflow-events.js';
import { evolve } from '../../../src/domain/workflow/evolve.js';
import type { DecisionContext, WorkflowCommand } from '../../../src/domain/workflow/workflow.commands.js';
import { decide } from '../../../src/domain/workflow/workflow.decider.js';
import { DomainError, type DomainErrorCode } from '../../../src/domain/workflow/workflow.errors.js';
import { initialWorkflow, type WorkflowState } from '../../../src/domain/workflow/workflow.state.js';
import { deepFreeze } from './freeze.js';

const START = Date.parse('2026-01-05T08:00:00.000Z');

/** The time so many milliseconds after the start of the scenario. */
export const time = (ms: number): string => new Date(START + ms).toISOString();

/** A stand-in for the hash: equal arguments have equal prints, other arguments other ones. */
export const printOf = canonicalJson;

export const contextAt = (ms: number, random = 0): DecisionContext => ({ now: time(ms), random: () => random, fingerprint: printOf });

interface Timed {
  readonly at: number;
  readonly command: WorkflowCommand;
}

/** A command given so many milliseconds after the start. */
export const after = (at: number, command: WorkflowCommand): Timed => ({ at, command });

const timed = (one: WorkflowCommand | Timed): Timed => ('command' in one ? one : { at: 0, command: one });

export const WORKFLOW_ID = 42;

type Expected = readonly [WorkflowEventType, object?];

class When {
  constructor(
    private readonly state: WorkflowState,
    private readonly doing: () => readonly WorkflowEvent[],
    private readonly at: number,
  ) {}

  /** Exactly these events in this order; of their data, the members named. */
  then(...expected: readonly Expected[]): WorkflowState {
    const events = this.doing();
    expect(events.map(({ type }) => type)).toEqual(expected.map(([type]) => type));
    events.forEach((event, index) => {
      expect(event.data).toMatchObject({ workflowId: WORKFLOW_ID, at: time(this.at), ...expected[index]![1] });
    });
    return events.reduce((state, event) => deepFreeze(evolve(state, event)), this.state);
  }

  thenNothing(): void {
    expect(this.doing()).toEqual([]);
  }

  thenRefused(code: DomainErrorCode, message: RegExp): void {
    let refusal: unknown;
    try {
      this.doing();
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(DomainError);
    expect(refusal).toMatchObject({ code, message: expect.stringMatching(message) as string });
  }
}

class Given {
  constructor(readonly state: WorkflowState) {}

  when(what: WorkflowCommand | Timed, random = 0): When {
    const { at, command } = timed(what);
    return new When(this.state, () => decide(command, this.state, contextAt(at, random)), at);
  }
}

/** A run in which these commands were carried out, each of which must have led to something. */
export function given(...history: readonly (WorkflowCommand | Timed)[]): Given {
  let state = deepFreeze(initialWorkflow(WORKFLOW_ID));
  for (const one of history) {
    const { at, command } = timed(one);
    const events = decide(command, state, contextAt(at));
    if (events.length === 0) throw new Error(`the history's ${command.type} led to nothing`);
    for (const event of events) state = deepFreeze(evolve(state, deepFreeze(event)));
  }
  return new Given(state);
}
