import { setMaxListeners } from 'node:events';
import { Inject, Injectable } from '@nestjs/common';
import { messageOf } from '../message-of.js';
import type { StepError, StepReady } from '../../domain/workflow/events/workflow-events.js';
import { DomainError } from '../../domain/workflow/workflow.errors.js';
import type { NodeLoad } from '../../domain/node/node-lease.js';
import { stepOf, type StepRecord, type WorkflowState } from '../../domain/workflow/workflow.state.js';
import { BACKGROUND_LOOPS, type BackgroundLoops } from '../background-loops.js';
import { EVENT_FEED, type Delivery, type EventFeed, type Verdict } from '../ports/event-feed.js';
import { EVENT_LOG, EventLogUnavailable, type EventLog, type RecordedEvent } from '../ports/event-log.js';
import { LOGGER, type Logger } from '../ports/logger.js';
import { TOOLS, type Tools } from '../ports/tools.js';
import { bySystem } from '../workflow/cause.js';
import type { CausingEvent, InlineCommand, InlineReactor } from '../workflow/inline-reactions.js';
import { workflowEventOf } from '../workflow/workflow-codec.js';
import { WorkflowDecisions } from '../workflow/workflow-decisions.js';
import type { Priority, ToolLack } from '../../domain/workflow/lifecycle.js';
import { LEASES, type Leases } from '../nodes/leases.js';
import { Pauses } from '../pauses/pauses.js';
import { EventParking } from '../parking/event-parking.js';
import { INTERRUPTED, keyOf, type Attempt, type ToStart } from './attempt.js';
import { AttemptCalls, LEASE_LOST, SHUT_DOWN, type Begun } from './attempt-calls.js';
import { Cancellations } from './cancellations.js';
import { DoubtfulStarts } from './doubtful-starts.js';
import { Admission, type Admitted } from './admission.js';
import { RunDeliveries, type Attached } from './run-deliveries.js';
import { StartLimits, type Candidate, type StartPermit } from './start-limits.js';
import { StepOffers, type StepOffered } from './step-offers.js';
import { EXECUTOR_SETTINGS, type ExecutorSettings } from './executor-settings.js';
import { ACK, STOPPING } from '../verdicts.js';

/** Under this name events are parked that it cannot deal with: never rename. */
export const EXECUTOR = 'step-executor';
/** Tries to start an attempt before its event is parked, where the fault does not pass by itself; attempts themselves are counted by the domain. */
const PATIENCE = 40;
/** Ready steps that wait in this process for a place: among these the more urgent come first. Others wait in the log. */
const MOST_WAITING = 8_192;

/** What an attempt has that begins. */
interface StartRoom extends Admitted {
  readonly permit: StartPermit;
}

/** What limits calls does not limit shadows, which make none. */
const SHADOW_PERMIT: StartPermit = { end: () => undefined, giveBack: () => undefined };

/** Gives back the places of an attempt that does not begin. */
function back({ place, leave }: Admitted): void {
  place.leave();
  leave();
}

interface Running {
  readonly workflowId: number;
  readonly controller: AbortController;
  readonly verdict: Promise<Verdict>;
}

const candidateOf = (ready: ToStart, userId: number): Candidate => ({ key: keyOf(ready), tool: ready.tool, userId });

/**
 * Runs ready steps: records the start, calls the tool, records the outcome, and only then acknowledges. An attempt that is delivered while another process
 * is recorded as its runner is left to that one for as long as it holds its lease. Once it does not, the attempt was interrupted: it failed, and the domain decides what follows.
 *
 * Where the delivery comes to this process (which an embedded store says, and a server lets it suppose), or a place is kept for the step, it is started in the same append that makes it ready: the tool is called once that is
 * durable, and the delivery, which comes later, waits for the outcome as any other.
 */
@Injectable()
export class StepExecutor implements InlineReactor {
  private readonly running = new Map<string, Running>();
  /** Places of attempts that this process is about to make ready, by their keys. */
  private readonly kept = new Map<string, Admitted>();
  private readonly admission: Admission;
  private attached: Attached | undefined;
  private cancellations: Cancellations | undefined;
  private stopping = new AbortController();
  private unlisten: (() => void) | undefined;
  private readonly doubtful: DoubtfulStarts;

  constructor(
    @Inject(EVENT_FEED) private readonly feed: EventFeed,
    private readonly runs: RunDeliveries,
    private readonly offers: StepOffers,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(TOOLS) private readonly tools: Tools,
    private readonly decisions: WorkflowDecisions,
    @Inject(EXECUTOR_SETTINGS) private readonly settings: ExecutorSettings,
    @Inject(BACKGROUND_LOOPS) private readonly loops: BackgroundLoops,
    private readonly parking: EventParking,
    private readonly pauses: Pauses,
    private readonly limits: StartLimits,
    private readonly calls: AttemptCalls,
    @Inject(LEASES) private readonly leases: Leases,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.admission = new Admission(settings.concurrency, tools);
    this.doubtful = new DoubtfulStarts({
      worker: settings.worker,
      decisions,
      logger,
      isRunning: (ready) => this.running.has(keyOf(ready)),
      interrupt: (ready, causedBy) => this.interrupt(ready, settings.worker, causedBy),
    });
  }

  async start(): Promise<void> {
    this.stopping = new AbortController();
    setMaxListeners(0, this.stopping.signal); // one per delivery that waits for a place
    // From before the first start, so that no cancellation of a step that runs here is missed.
    const head = await this.log.headPosition();
    this.cancellations = new Cancellations(this.feed, (workflowId) => this.abort(workflowId), this.loops);
    this.cancellations.listen(head);
    // Before anything is begun.
    this.unlisten = this.leases.onLost(() => this.abortAll(LEASE_LOST));
    this.attached = await this.runs.attach(['StepReady'], {
      deliver: (delivery) =>
        this.deliver(delivery).catch((error: unknown) =>
          this.parking.failed({ handler: EXECUTOR, ...delivery, patience: PATIENCE }, error),
        ),
      isSettled: (recorded) => this.isSettled(recorded),
    });
    await this.offers.start((offer) => this.takeOffer(offer));
    this.decisions.reactors.add(this);
  }

  /** How busy it is. */
  get load(): NodeLoad {
    return { running: this.running.size, capacity: this.settings.concurrency };
  }

  /** Calls back when there is a place that nobody waits for. */
  onPlace(listener: () => void): void {
    this.admission.onRoom(listener);
  }

  /**
   * Keeps a place for an attempt that this process is about to make ready, so that it starts here at once, whichever node the run's events come to. Undefined where there is none now; otherwise
   * what gives it back unless it has been used.
   */
  keepPlace(attempt: ToStart): (() => void) | undefined {
    const key = keyOf(attempt);
    const admitted = this.kept.has(key) ? undefined : this.admission.tryEnter(attempt.tool);
    if (!admitted) return undefined;
    this.kept.set(key, admitted);
    return () => {
      if (this.kept.delete(key)) back(admitted);
    };
  }

  /** Takes no more steps, lets the running ones finish, and aborts those that have not by the end of the grace period: they are handed back. */
  async stop(): Promise<void> {
    this.decisions.reactors.delete(this);
    this.stopping.abort();
    const grace = setTimeout(() => {
      this.logger.warn(`${this.running.size} steps did not finish in ${this.settings.graceMs} ms and are aborted`);
      this.abortAll(SHUT_DOWN);
    }, this.settings.graceMs);
    const running = [...this.running.values()].map(({ verdict }) => verdict);
    await Promise.all([this.attached?.detach(), this.offers.stop(), ...running]);
    clearTimeout(grace);
    await this.cancellations?.close();
    this.unlisten?.();
  }

  /** Starts a step that is being made ready, if its delivery would come here, or a place is kept for it. */
  react(event: CausingEvent, { userId, fork }: WorkflowState): readonly InlineCommand[] {
    if (event.type !== 'StepReady' || this.stopping.signal.aborted) return [];
    const { data: ready, id } = event;
    const key = keyOf(ready);
    // It is begun already, by a delivery that came before this process had heard of the event.
    if (this.running.has(key)) return [];
    const kept = this.kept.get(key);
    if (!kept && !this.runs.isOwn(ready.workflowId)) return [];
    if (!fork && this.lackOf(ready.tool, ready.toolVersion)) return [];
    const candidate = candidateOf(ready, userId);
    const admitted = kept ?? this.admission.tryEnter(fork ? undefined : ready.tool);
    if (!admitted) return [];
    this.kept.delete(key);
    if (!fork && !this.limits.admit(candidate)) {
      back(admitted);
      return [];
    }
    const room = { ...admitted, permit: fork ? SHADOW_PERMIT : this.limits.begin(candidate) };
    let settle!: (verdict: Promise<Verdict> | Verdict) => void;
    const verdict = new Promise<Verdict>((resolve) => (settle = resolve));
    const unclaim = this.runs.claim(id, verdict);
    const controller = this.track(ready, room, verdict);
    const begun = this.begun(ready, room, id, controller);
    return [
      {
        command: { type: 'StartStep', data: this.startOf(ready) },
        cause: bySystem(this.settings.worker, id),
        stored: (state) => settle(this.call(begun, state)),
        dropped: (fault) => {
          if (fault instanceof EventLogUnavailable) void this.doubtful.watch(ready, id, this.stopping.signal);
          unclaim();
          room.place.leave();
          room.permit.giveBack();
          settle({ kind: 'retry', reason: 'the start of the attempt is not known to be stored' });
        },
      },
    ];
  }

  private async deliver(delivery: Delivery): Promise<Verdict> {
    const { event: recorded } = delivery;
    const event = workflowEventOf(recorded);
    if (event?.type !== 'StepReady') return ACK;
    const { data: ready } = event;
    const running = this.running.get(keyOf(ready));
    if (running) return running.verdict;
    if (this.isOver(ready)) return ACK;
    // Of one that was not delivered before what this process knows is enough: what was submitted never changes.
    const { state: run } = await (delivery.retryCount > 0 ? this.decisions.read(ready.workflowId) : this.decisions.known(ready.workflowId));
    const { userId, priority, fork } = run;
    const step = stepOf(run, ready.stepId);
    if (step?.state === 'RUNNING' && step.attempt === ready.attempt) return this.leaveToWorker(ready, step, recorded.id);
    if (fork) return this.deliverShadow(ready, delivery, priority);
    const version = ready.toolVersion ?? (await this.plannedVersion(ready));
    const lack = this.lackOf(ready.tool, version);
    if (lack) return this.waitForTool(ready, lack, recorded.id);
    const candidate = candidateOf(ready, userId);
    if (this.isCrowded || !this.limits.admit(candidate)) return this.waitForTool(ready, 'limited', recorded.id);
    const admitted = await this.enter({ ...ready, toolVersion: version!, readyId: recorded.id }, priority);
    const isPaused = this.pauses.holds(ready.tool);
    // Delivered again, over a new connection or while it waited, and begun by then: all deliveries have the one outcome.
    const begun = this.running.get(keyOf(ready));
    if (admitted && !isPaused && !begun)
      return this.begin(ready, { ...admitted, permit: this.limits.begin(candidate) }, recorded.id, delivery);
    if (!begun) this.limits.release(candidate.key);
    // Another node has begun it.
    if (!admitted && !this.stopping.signal.aborted) return this.deliver({ ...delivery, retryCount: Math.max(1, delivery.retryCount) });
    if (!admitted) return STOPPING;
    back(admitted);
    return begun ? begun.verdict : this.waitForTool(ready, 'paused', recorded.id);
  }

  /** A shadow calls no tool: it needs neither the tool nor room at it. */
  private async deliverShadow(ready: StepReady, delivery: Delivery, priority: Priority): Promise<Verdict> {
    const admitted = await this.admission.enter(undefined, priority, this.stopping.signal);
    if (!admitted) return STOPPING;
    const begun = this.running.get(keyOf(ready));
    if (!begun) return this.begin(ready, { ...admitted, permit: SHADOW_PERMIT }, delivery.event.id, delivery);
    back(admitted);
    return begun.verdict;
  }

  /** Whether more wait here than may. */
  get isCrowded(): boolean {
    return this.admission.waiting >= MOST_WAITING;
  }

  /** Other nodes may have a place for it before this one has. Undefined once the executor stops, or the step is not ready any more. */
  private async enter(
    { workflowId, stepId, attempt, tool, toolVersion, readyId }: StepOffered,
    priority: Priority,
  ): Promise<Admitted | undefined> {
    const { signal } = this.stopping;
    const admitted = signal.aborted ? undefined : this.admission.tryEnter(tool);
    if (admitted) return admitted;
    const waits = new AbortController();
    const end = (): void => waits.abort();
    signal.addEventListener('abort', end);
    const offer = { workflowId, stepId, attempt, tool, toolVersion, readyId };
    const over = this.offers.whileWaiting(offer, async () => {
      const isReady = await this.isStillReady(offer);
      if (!isReady) end();
      return isReady;
    });
    try {
      return signal.aborted ? undefined : await this.admission.enter(tool, priority, waits.signal);
    } finally {
      over();
      signal.removeEventListener('abort', end);
    }
  }

  /** As far as the log can be asked. */
  private async isStillReady({ workflowId, stepId, attempt }: Attempt): Promise<boolean> {
    const run = await this.decisions.latest(workflowId).catch(() => undefined);
    const step = run && stepOf(run.state, stepId);
    return !step || (step.state === 'READY' && step.attempt === attempt);
  }

  /** Another node has no place for a step. Whatever keeps it from being begun here is dealt with there. */
  private async takeOffer(offer: StepOffered): Promise<Verdict> {
    const { workflowId, stepId, attempt, tool, toolVersion, readyId } = offer;
    if (this.isOver(offer) || this.lackOf(tool, toolVersion)) return ACK;
    const { state } = await this.decisions.read(workflowId);
    const step = stepOf(state, stepId);
    const candidate = candidateOf(offer, state.userId);
    if (step?.state !== 'READY' || step.attempt !== attempt || !this.limits.reserve(candidate, Infinity)) return ACK;
    const admitted = await this.admission.enter(tool, state.priority, this.stopping.signal);
    if (admitted && !this.pauses.holds(tool) && !this.running.has(keyOf(offer))) {
      void this.begin(offer, { ...admitted, permit: this.limits.begin(candidate) }, readyId);
      return ACK;
    }
    this.limits.release(candidate.key);
    if (!admitted) return STOPPING;
    back(admitted);
    return ACK;
  }

  /** @param delivery what is to be done again where the attempt cannot be begun; missing where another node sees to that */
  private begin(ready: ToStart, room: StartRoom, causedBy: string, delivery?: Delivery): Promise<Verdict> {
    let settle!: (verdict: Promise<Verdict>) => void;
    const verdict = new Promise<Verdict>((resolve) => (settle = resolve));
    const controller = this.track(ready, room, verdict);
    settle(this.run(this.begun(ready, room, causedBy, controller), delivery));
    return verdict;
  }

  /** Why the tool cannot be called here now; undefined where it can. */
  private lackOf(tool: string, version: string | undefined): ToolLack | undefined {
    if (version === undefined || this.tools.manifest(tool)?.version !== version) return 'absent';
    return this.pauses.holds(tool) ? 'paused' : undefined;
  }

  /** Events of older versions do not say which version of the tool is meant: the plan does. */
  private async plannedVersion({ workflowId, stepId }: StepReady): Promise<string | undefined> {
    return stepOf((await this.decisions.read(workflowId)).state, stepId)?.plan.toolVersion;
  }

  /** Another node may have the tool, or a person decide what becomes of the step. */
  private async waitForTool(ready: StepReady, because: ToolLack, causedBy: string): Promise<Verdict> {
    const { workflowId, stepId, attempt, tool } = ready;
    try {
      const command = { type: 'WaitForTool', data: { stepId, attempt, because } } as const;
      const { events, state } = await this.decisions.execute(workflowId, command, bySystem(this.settings.worker, causedBy));
      if (events.length > 0 && because === 'absent')
        this.logger.warn(`step ${stepId} of workflow ${workflowId} waits: this node has no such version of ${tool}`);
      const step = stepOf(state, stepId)!;
      // It was begun elsewhere, where there was the tool: to see to it needs none.
      const isElsewhere = step.state === 'RUNNING' && step.attempt === attempt && !this.running.has(keyOf(ready));
      if (isElsewhere) return await this.leaveToWorker(ready, step, causedBy);
    } catch (error) {
      if (!(error instanceof DomainError)) return { kind: 'retry', reason: messageOf(error) };
    }
    return ACK;
  }

  /** Another process runs the attempt. It is its own for as long as that one holds its lease; then it has gone, and the attempt was interrupted. @throws EventLogUnavailable */
  private async leaveToWorker(ready: StepReady, found: StepRecord, causedBy: string): Promise<Verdict> {
    let step = found;
    while (step.state === 'RUNNING' && step.attempt === ready.attempt) {
      const worker = step.worker!;
      // It is not among those that run here: this process was not told that it had begun it, and has not called the tool.
      if (worker === this.settings.worker || (await this.leases.isGone(worker))) {
        await this.interrupt(ready, worker, causedBy);
        break;
      }
      await this.leases.nextLook(this.stopping.signal);
      if (this.stopping.signal.aborted) return STOPPING;
      step = stepOf((await this.decisions.read(ready.workflowId)).state, ready.stepId)!;
    }
    return ACK;
  }

  /** The process that began the attempt has gone. */
  private async interrupt(ready: Attempt, worker: string, causedBy: string): Promise<void> {
    // This process knows that it called nothing of what it never heard to be stored.
    const error: StepError = worker === this.settings.worker && this.doubtful.has(ready) ? { ...INTERRUPTED, effect: 'none' } : INTERRUPTED;
    const failed = { type: 'RecordStepFailure', data: { ...this.startOf(ready), worker, error } } as const;
    await this.decisions.execute(ready.workflowId, failed, bySystem(this.settings.worker, causedBy)).catch((error: unknown) => {
      // It has an outcome by now. Whatever else keeps it from being recorded keeps the delivery from being acknowledged.
      if (!(error instanceof DomainError)) throw error;
    });
  }

  /** Keeps the executor's place and the permit, which the caller has, until the verdict. */
  private track(ready: ToStart, { permit, leave: leavePlace }: StartRoom, verdict: Promise<Verdict>): AbortController {
    const key = keyOf(ready);
    const controller = new AbortController();
    const running: Running = { workflowId: ready.workflowId, controller, verdict };
    const leave = (): void => {
      if (this.running.get(key) === running) this.running.delete(key);
      permit.end();
      leavePlace();
    };
    this.running.set(key, running);
    void verdict.then(leave, leave);
    return controller;
  }

  private isSettled(recorded: RecordedEvent): boolean {
    const event = workflowEventOf(recorded);
    return event?.type === 'StepReady' && this.isOver(event.data);
  }

  /** What is known of the run may be old, but an attempt that was over then is over now. */
  private isOver({ workflowId, stepId, attempt }: Attempt): boolean {
    const known = this.decisions.lastKnown(workflowId);
    const step = known && stepOf(known.state, stepId);
    if (!step || step.attempt < attempt) return false;
    return step.attempt > attempt || (step.state !== 'READY' && step.state !== 'RUNNING');
  }

  private startOf({ stepId, attempt }: Attempt) {
    return { stepId, attempt, worker: this.settings.worker };
  }

  private begun(attempt: ToStart, { place, permit }: StartRoom, causedBy: string, controller: AbortController): Begun {
    return { attempt, place, permit, causedBy, controller, askedAt: performance.now(), stopping: this.stopping.signal };
  }

  private async run(begun: Begun, delivery: Delivery | undefined): Promise<Verdict> {
    const { attempt: ready, place, permit, causedBy } = begun;
    const { workflowId, stepId } = ready;
    let isBegun = false;
    const cause = bySystem(this.settings.worker, causedBy);
    try {
      const { events, state } = await this.decisions.execute(workflowId, { type: 'StartStep', data: this.startOf(ready) }, cause);
      if (events.length > 0) {
        isBegun = true;
        return await this.call(begun, state);
      }
      // Without a place, which those need that do something, it is waited for with the next delivery.
      return { kind: 'retry', reason: `the attempt is running at ${stepOf(state, stepId)!.worker}` };
    } catch (error) {
      // The attempt is over or the run is finished: there is nothing to do for this delivery, now or later.
      if (error instanceof DomainError) return ACK;
      if (error instanceof EventLogUnavailable) void this.doubtful.watch(ready, causedBy, this.stopping.signal);
      return delivery ? this.parking.failed({ handler: EXECUTOR, ...delivery, patience: PATIENCE }, error) : ACK;
    } finally {
      if (!isBegun) {
        place.leave();
        permit.giveBack();
      }
    }
  }

  /** What keeps an attempt from being called that has begun must not leave it to nobody: its delivery may go to another node, which leaves it to this one. */
  private async call(begun: Begun, known: WorkflowState): Promise<Verdict> {
    try {
      return await this.calls.call(begun, known);
    } catch (error) {
      void this.doubtful.watch(begun.attempt, begun.causedBy, this.stopping.signal);
      return { kind: 'retry', reason: messageOf(error) };
    }
  }

  private abortAll(reason: symbol): void {
    for (const { controller } of this.running.values()) controller.abort(reason);
  }

  private abort(workflowId: number): void {
    for (const run of this.running.values()) if (run.workflowId === workflowId) run.controller.abort();
  }
}
