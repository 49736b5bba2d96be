import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { WorkflowEvent } from '../../domain/workflow/events/workflow-events.js';
import type { DecisionContext, WorkflowCommand } from '../../domain/workflow/workflow.commands.js';
import { evolveAll } from '../../domain/workflow/evolve.js';
import { decide } from '../../domain/workflow/workflow.decider.js';
import type { WorkflowState } from '../../domain/workflow/workflow.state.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import { EVENT_LOG, RevisionConflict, type Actor, type EventLog, type NewEvent } from '../ports/event-log.js';
import { FINGERPRINT, type Fingerprint } from '../ports/fingerprint.js';
import { inAppends } from './appends.js';
import { newEventOf, workflowStream } from './workflow-codec.js';
import { emptySnapshot, topUp, type WorkflowSnapshot } from './workflow-history.js';

/** Who asks for a decision, and what led to it. */
export interface Cause {
  readonly actor: Actor;
  /** Id of the event that led to the command. */
  readonly eventId?: string;
}

export const bySystem = (part: string, eventId?: string): Cause => ({
  actor: { kind: 'system', id: part, authenticated: true },
  ...(eventId === undefined ? {} : { eventId }),
});

export interface Decided {
  /** What the command led to; nothing where it was carried out before. */
  readonly events: readonly WorkflowEvent[];
  /** The run after the command (and others decided with it). */
  readonly state: WorkflowState;
  /** Log position of the run's last event: a reader who waits for it sees the command's effect. */
  readonly position: bigint;
}

interface Pending {
  readonly command: WorkflowCommand;
  readonly cause: Cause;
  readonly resolve: (decided: Decided) => void;
  readonly reject: (reason: unknown) => void;
}

/** A pending command with its verdict over the state that those before it lead to. */
type Verdict =
  { readonly pending: Pending; readonly events: readonly WorkflowEvent[] } | { readonly pending: Pending; readonly refusal: unknown };

/** Weight of the cached runs, in steps (a run counts as its steps and one). */
const CACHED_STEPS = 200_000;
/** Commands decided together at most. */
const GROUP = 200;

/**
 * The only way to write to a run. Commands for one run are decided one after the other over its cached state, and appended together at the exact revision
 * that was decided over. A conflict means that another process wrote first: the run is read again and everything is decided anew.
 */
@Injectable()
export class WorkflowDecisions {
  private readonly cache = new LRUCache<number, WorkflowSnapshot>({
    maxSize: CACHED_STEPS,
    sizeCalculation: ({ state }) => state.steps.length + 1,
  });
  private readonly queues = new Map<number, Pending[]>();

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(FINGERPRINT) private readonly fingerprint: Fingerprint,
  ) {}

  /**
   * Decides a command and answers once its events are durable.
   * @throws DomainError where it is refused; EventLogUnavailable where its outcome is not known
   */
  execute(workflowId: number, command: WorkflowCommand, cause: Cause): Promise<Decided> {
    return new Promise((resolve, reject) => {
      const pending: Pending = { command, cause, resolve, reject };
      const queue = this.queues.get(workflowId);
      if (queue) {
        queue.push(pending);
        return;
      }
      const fresh = [pending];
      this.queues.set(workflowId, fresh);
      void this.work(workflowId, fresh);
    });
  }

  /** The run as the log has it now. @throws EventLogUnavailable */
  async read(workflowId: number): Promise<WorkflowSnapshot> {
    const snapshot = await topUp(this.log, this.cache.get(workflowId) ?? emptySnapshot(workflowId));
    this.keep(snapshot);
    return snapshot;
  }

  private async work(workflowId: number, queue: Pending[]): Promise<void> {
    while (queue.length > 0) {
      const group = queue.splice(0, GROUP);
      try {
        await this.decideTogether(workflowId, group);
      } catch (error) {
        this.cache.delete(workflowId);
        for (const { reject } of group) reject(error);
      }
    }
    this.queues.delete(workflowId);
  }

  private async decideTogether(workflowId: number, group: readonly Pending[]): Promise<void> {
    let base = this.cache.get(workflowId) ?? (await topUp(this.log, emptySnapshot(workflowId)));
    for (;;) {
      const verdicts = this.decideEach(group, base.state);
      const after = await this.append(base, verdicts);
      if (after === 'conflict') {
        base = await topUp(this.log, emptySnapshot(workflowId));
        continue;
      }
      if (after === base) {
        // Nothing was written, so nothing proved the cached state to be the newest: ask the log before answering from it.
        const current = await topUp(this.log, base);
        if (current !== base) {
          base = current;
          continue;
        }
      }
      this.keep(after);
      const answer = { state: after.state, position: after.position };
      for (const verdict of verdicts) {
        if ('refusal' in verdict) verdict.pending.reject(verdict.refusal);
        else verdict.pending.resolve({ ...answer, events: verdict.events });
      }
      return;
    }
  }

  private decideEach(group: readonly Pending[], from: WorkflowState): readonly Verdict[] {
    const context: DecisionContext = {
      now: new Date(this.clock.now()).toISOString(),
      random: Math.random,
      fingerprint: this.fingerprint,
    };
    let state = from;
    return group.map((pending): Verdict => {
      try {
        const events = decide(pending.command, state, context);
        state = evolveAll(state, events);
        return { pending, events };
      } catch (refusal) {
        return { pending, refusal };
      }
    });
  }

  /** Stores the events of all verdicts; answers with the snapshot after them, the same one where there are none. */
  private async append(base: WorkflowSnapshot, verdicts: readonly Verdict[]): Promise<WorkflowSnapshot | 'conflict'> {
    const streamId = workflowStream(base.state.workflowId);
    const decisions = verdicts.map((verdict): readonly NewEvent[] => {
      if ('refusal' in verdict) return [];
      const { actor, eventId } = verdict.pending.cause;
      const commandId = randomUUID();
      const metadata = {
        $correlationId: streamId,
        ...(eventId === undefined ? {} : { $causationId: eventId }),
        commandId,
        actor,
        schemaVersion: 1,
      };
      return verdict.events.map((event) => newEventOf(event, randomUUID(), metadata));
    });
    if (decisions.every((events) => events.length === 0)) return base;
    let { revision, position } = base;
    try {
      for (const part of inAppends(decisions)) {
        ({ revision, position } = await this.log.append(streamId, part, revision < 0 ? 'no-stream' : revision));
      }
    } catch (error) {
      if (error instanceof RevisionConflict) return 'conflict';
      throw error;
    }
    const decided = verdicts.flatMap((verdict) => ('refusal' in verdict ? [] : verdict.events));
    return { state: evolveAll(base.state, decided), revision, position };
  }

  private keep(snapshot: WorkflowSnapshot): void {
    if (snapshot.revision >= 0) this.cache.set(snapshot.state.workflowId, snapshot);
  }
}
