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
import { newEventOf, SCHEMA_VERSION, workflowStream } from './workflow-codec.js';
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

/** How far an attempt to store verdicts came. */
interface Stored {
  /** The run after what was stored; the same snapshot as before where that is nothing. */
  readonly after: WorkflowSnapshot;
  /** How many of the verdicts it makes final, from the first. */
  readonly final: number;
  /** What came between it and the rest. */
  readonly fault?: Error;
}

/** How many decisions are proven by the first `stored` of their events: up to the last one that is stored as a whole. */
function provenBy(stored: number, decisions: readonly (readonly NewEvent[])[]): number {
  let proven = 0;
  let events = 0;
  for (const [index, decision] of decisions.entries()) {
    events += decision.length;
    if (events > stored) break;
    if (decision.length > 0) proven = index + 1;
  }
  return proven;
}

/** Weight of the cached runs, in steps (a run counts as its steps and one). */
const CACHED_STEPS = 200_000;
/** Commands decided together at most. */
const GROUP = 200;

/**
 * The only way to write to a run. Commands for one run are decided one after the other over its cached state, and appended together at the exact revision
 * that was decided over. A conflict means that another process wrote first: the run is read again and everything that is not stored yet is decided anew.
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
   * @throws DomainError where it is refused; EventLogUnavailable where its outcome is not known; NewerEvent
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
    let open = group;
    let base = this.cache.get(workflowId) ?? (await topUp(this.log, emptySnapshot(workflowId)));
    for (;;) {
      const verdicts = this.decideEach(open, base.state);
      const { after, final, fault } = await this.append(base, verdicts);
      if (fault === undefined && after === base) {
        // Nothing was written, so nothing proved the cached state to be the newest: ask the log before answering from it.
        const current = await topUp(this.log, base);
        if (current !== base) {
          base = current;
          continue;
        }
      }
      this.answer(verdicts.slice(0, final), after);
      if (fault === undefined) {
        this.keep(after);
        return;
      }
      if (!(fault instanceof RevisionConflict)) throw fault;
      // What is stored stays decided, and was answered: deciding it again would take it for a repeat, or refuse it.
      open = open.slice(final);
      base = await topUp(this.log, emptySnapshot(workflowId));
    }
  }

  private answer(verdicts: readonly Verdict[], { state, position }: WorkflowSnapshot): void {
    for (const verdict of verdicts) {
      if ('refusal' in verdict) verdict.pending.reject(verdict.refusal);
      else verdict.pending.resolve({ events: verdict.events, state, position });
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

  /** Stores the events of all verdicts, or of the first ones up to a fault. */
  private async append(base: WorkflowSnapshot, verdicts: readonly Verdict[]): Promise<Stored> {
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
        schemaVersion: SCHEMA_VERSION,
      };
      return verdict.events.map((event) => newEventOf(event, randomUUID(), metadata));
    });
    if (decisions.every((events) => events.length === 0)) return { after: base, final: verdicts.length };
    let { revision, position } = base;
    let stored = 0;
    const outcome = (final: number): Stored => {
      const decided = verdicts.slice(0, final).flatMap((verdict) => ('refusal' in verdict ? [] : verdict.events));
      return { after: { state: evolveAll(base.state, decided), revision, position }, final };
    };
    try {
      for (const part of inAppends(decisions)) {
        ({ revision, position } = await this.log.append(streamId, part, revision < 0 ? 'no-stream' : revision));
        stored += part.length;
      }
    } catch (fault) {
      return { ...outcome(provenBy(stored, decisions)), fault: fault as Error };
    }
    return outcome(verdicts.length);
  }

  /** A slow read may end after a decision that it knows nothing of: the newest state stays. */
  private keep(snapshot: WorkflowSnapshot): void {
    const { workflowId } = snapshot.state;
    const cached = this.cache.peek(workflowId)?.revision ?? -1;
    if (snapshot.revision > cached) this.cache.set(workflowId, snapshot);
  }
}
