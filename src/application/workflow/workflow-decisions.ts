import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { WorkflowEvent } from '../../domain/workflow/events/workflow-events.js';
import type { DecisionContext, WorkflowCommand } from '../../domain/workflow/workflow.commands.js';
import { evolveAll } from '../../domain/workflow/evolve.js';
import { decide } from '../../domain/workflow/workflow.decider.js';
import type { WorkflowState } from '../../domain/workflow/workflow.state.js';
import { BACKGROUND_LOOPS, type BackgroundLoops } from '../background-loops.js';
import { nameNewer, readingOf } from '../newer-event.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import { EVENT_LOG, RevisionConflict, type EventLog, type NewEvent } from '../ports/event-log.js';
import { FINGERPRINT, type Fingerprint } from '../ports/fingerprint.js';
import { packIntoAppends } from './pack-into-appends.js';
import type { Cause } from './cause.js';
import type { CausingEvent, InlineCommand, InlineReactor } from './inline-reactions.js';
import { StoredEvents } from './stored-events.js';
import { newEventOf, schemaVersionOf, workflowStream } from './workflow-codec.js';
import { RunCache } from './run-cache.js';
import { topUp, unknownRun, weightOf, type KnownRun } from './workflow-history.js';

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
  /** It follows from others of its group, and is not decided again without them. */
  readonly isReaction: boolean;
}

/** A pending command with what it comes to over the state that those before it lead to. */
type Decision =
  { readonly pending: Pending; readonly events: readonly CausingEvent[] } | { readonly pending: Pending; readonly refusal: unknown };

/** How far an attempt to store decisions came. */
interface Stored {
  /** The run after what was stored; the same snapshot as before where that is nothing. */
  readonly after: KnownRun;
  /** How many of the decisions it makes final, from the first. */
  readonly final: number;
  /** What came between it and the rest. */
  readonly fault?: Error;
}

const eventsOf = (decision: Decision): readonly CausingEvent[] => ('refusal' in decision ? [] : decision.events);

/** How many decisions are proven by the first `stored` of their events: up to the last one that is stored as a whole. */
function provenBy(stored: number, decisions: readonly Decision[]): number {
  let proven = 0;
  let events = 0;
  for (const [index, decision] of decisions.entries()) {
    const own = eventsOf(decision).length;
    events += own;
    if (events > stored) break;
    if (own > 0) proven = index + 1;
  }
  return proven;
}

function newEventsOf(decision: Decision, streamId: string): readonly NewEvent[] {
  const { actor, eventId } = decision.pending.cause;
  const metadata = {
    $correlationId: streamId,
    ...(eventId === undefined ? {} : { $causationId: eventId }),
    commandId: randomUUID(),
    actor,
  };
  return eventsOf(decision).map((event) => newEventOf(event, event.id, { ...metadata, schemaVersion: schemaVersionOf(event) }));
}

const reactionOf = (reaction: InlineCommand): Pending => ({
  command: reaction.command,
  cause: reaction.cause,
  resolve: ({ state }) => reaction.stored?.(state),
  reject: (fault) => reaction.dropped?.(fault),
  isReaction: true,
});

/** Commands decided together at most. */
const GROUP = 200;
/** Events of reactions that are stored with what led to them at most; what goes beyond comes over the consumer groups. */
const REACTED_EVENTS = 600;

/**
 * The only way to write to a run. Commands for one run are decided one after the other over its cached state, those that come in the same turn of the event loop
 * together, and are appended together at the exact revision that was decided over. A conflict means that another process wrote first: the run is read on and
 * everything that is not stored yet is decided anew.
 */
@Injectable()
export class WorkflowDecisions {
  /** What these answer to the events of a decision is stored with it. */
  readonly reactors = new Set<InlineReactor>();
  private readonly cache = new RunCache();
  private readonly reading = new Map<number, Promise<KnownRun>>();
  private readonly queues = new Map<number, Pending[]>();

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(FINGERPRINT) private readonly fingerprint: Fingerprint,
    private readonly storedEvents: StoredEvents,
    @Inject(BACKGROUND_LOOPS) private readonly loops: BackgroundLoops,
  ) {}

  /**
   * Decides a command and answers once its events are durable.
   * @throws DomainError where it is refused; EventLogUnavailable where its outcome is not known; NewerEvent
   */
  execute(workflowId: number, command: WorkflowCommand, cause: Cause): Promise<Decided> {
    return new Promise((resolve, reject) => {
      const pending: Pending = { command, cause, resolve, reject, isReaction: false };
      const queue = this.queues.get(workflowId);
      if (queue) {
        queue.push(pending);
        return;
      }
      const fresh = [pending];
      this.queues.set(workflowId, fresh);
      setImmediate(() => void this.work(workflowId, fresh));
    });
  }

  /** The run as the log has it now. @throws EventLogUnavailable, NewerEvent */
  async read(workflowId: number): Promise<KnownRun> {
    const snapshot = await this.topUp(this.cache.get(workflowId) ?? unknownRun(workflowId));
    this.cache.keep(snapshot);
    return snapshot;
  }

  /** The run as this process knows it, which the log may have gone on from; read where it does not know it. Several that ask at the same time read it once. @throws as `read` */
  async known(workflowId: number): Promise<KnownRun> {
    return this.cache.get(workflowId) ?? this.latest(workflowId);
  }

  /** As `read`, but several that ask at the same time are answered by the read that one of them began. @throws as `read` */
  latest(workflowId: number): Promise<KnownRun> {
    const begun = this.reading.get(workflowId);
    if (begun) return begun;
    const reading = this.read(workflowId).finally(() => this.reading.delete(workflowId));
    this.reading.set(workflowId, reading);
    return reading;
  }

  /** The run as this process last knew it: what the log held then, and may have gone on from. */
  lastKnown(workflowId: number): KnownRun | undefined {
    return this.cache.get(workflowId);
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
    let base = this.cache.get(workflowId) ?? (await this.topUp(unknownRun(workflowId)));
    for (;;) {
      const { decisions, state } = this.decideEach(open, base.state);
      const { after, final, fault } = await this.append(base, decisions, state);
      if (fault === undefined && after === base) {
        // Nothing was written, so nothing proved the cached state to be the newest: ask the log before answering from it.
        const current = await this.topUp(base);
        if (current !== base) {
          base = current;
          continue;
        }
      }
      this.tell(decisions.slice(0, final));
      this.answer(decisions.slice(0, final), after);
      if (fault === undefined) {
        this.cache.keep(after);
        return;
      }
      // What is stored stays decided, and was answered: deciding it again would take it for a repeat, or refuse it.
      const left = decisions.slice(final).map(({ pending }) => pending);
      for (const { isReaction, reject } of left) if (isReaction) reject(fault);
      if (!(fault instanceof RevisionConflict)) throw fault;
      this.storedEvents.conflicted();
      open = left.filter(({ isReaction }) => !isReaction);
      base = await this.readOn(after);
    }
  }

  /** What this process knows is what the log held: after a conflict it holds more. Where it does not, it is not the log that it was, and is read from its start. */
  private async readOn(known: KnownRun): Promise<KnownRun> {
    const current = await this.topUp(known);
    return current === known ? this.topUp(unknownRun(known.state.workflowId)) : current;
  }

  /** Every reader of runs comes by here: one that cannot be read on is named, whoever asks, and stops nobody but itself. */
  private async topUp(known: KnownRun): Promise<KnownRun> {
    try {
      const run = await topUp(this.log, known);
      this.loops.goesOn(readingOf(workflowStream(known.state.workflowId)));
      return run;
    } catch (fault) {
      nameNewer(fault, this.loops);
      throw fault;
    }
  }

  private tell(decisions: readonly Decision[]): void {
    for (const decision of decisions) for (const event of eventsOf(decision)) this.storedEvents.stored(event, decision.pending.cause);
  }

  private answer(decisions: readonly Decision[], { state, position }: KnownRun): void {
    for (const decision of decisions) {
      if ('refusal' in decision) decision.pending.reject(decision.refusal);
      else decision.pending.resolve({ events: decision.events, state, position });
    }
  }

  private decideEach(
    group: readonly Pending[],
    from: WorkflowState,
  ): { readonly decisions: readonly Decision[]; readonly state: WorkflowState } {
    const context: DecisionContext = {
      now: new Date(this.clock.now()).toISOString(),
      random: Math.random,
      fingerprint: this.fingerprint,
    };
    let state = from;
    const decideOne = (pending: Pending): Decision => {
      try {
        const events = decide(pending.command, state, context).map((event): CausingEvent => ({ ...event, id: randomUUID() }));
        state = evolveAll(state, events);
        return { pending, events };
      } catch (refusal) {
        return { pending, refusal };
      }
    };
    const asked = group.map(decideOne);
    const decisions = [...asked, ...this.decideReactions(asked.flatMap(eventsOf), decideOne, () => state)];
    return { decisions, state };
  }

  /** What follows at once from the events, and from what follows from those. */
  private decideReactions(
    events: CausingEvent[],
    decideOne: (pending: Pending) => Decision,
    stateNow: () => WorkflowState,
  ): readonly Decision[] {
    const decisions: Decision[] = [];
    const most = events.length + REACTED_EVENTS;
    for (let index = 0; index < events.length; index++) {
      for (const reactor of this.reactors) {
        if (events.length >= most) return decisions;
        for (const reaction of reactor.react(events[index]!, stateNow())) {
          const decision = decideOne(reactionOf(reaction));
          const own = eventsOf(decision);
          // A refusal is told where it matters: when the event is delivered.
          if (own.length === 0) decision.pending.reject(undefined);
          else decisions.push(decision);
          events.push(...own);
        }
      }
    }
    return decisions;
  }

  /** Stores the events of all decisions, which lead to the state, or of the first ones up to a fault. */
  private async append(base: KnownRun, decisions: readonly Decision[], state: WorkflowState): Promise<Stored> {
    const streamId = workflowStream(base.state.workflowId);
    const units = decisions.map((decision) => newEventsOf(decision, streamId));
    if (units.every((events) => events.length === 0)) return { after: base, final: decisions.length };
    let { revision, position, bytes } = base;
    let stored = 0;
    try {
      for (const part of packIntoAppends(units)) {
        ({ revision, position } = await this.log.append(streamId, part, revision < 0 ? 'no-stream' : revision));
        stored += part.length;
        for (const event of part) bytes += weightOf(event);
      }
    } catch (fault) {
      const reached = evolveAll(base.state, decisions.flatMap(eventsOf).slice(0, stored));
      const after = stored === 0 ? base : { state: reached, revision, position, bytes };
      return { after, final: provenBy(stored, decisions), fault: fault as Error };
    }
    return { after: { state, revision, position, bytes }, final: decisions.length };
  }
}
