import type { Type } from '@nestjs/common';
import type { EventFeed } from '../../src/application/ports/event-feed.js';
import type { EventLog } from '../../src/application/ports/event-log.js';
import type { Clock } from '../../src/application/ports/clock.js';
import type { Leases } from '../../src/application/nodes/leases.js';
import type { Planner } from '../../src/application/ports/planner.js';
import type { Tools } from '../../src/application/ports/tools.js';
import type { ToolManifest } from '../../src/domain/tool/tool-manifest.js';
import type { History } from './history.js';
import { People } from './people.js';
import { Random } from './random.js';
import { SimulatedFeed } from './simulated-feed.js';
import { SimulatedGroups } from './simulated-groups.js';
import { LogOverNetwork, SimulatedLog } from './simulated-log.js';
import { NO_FAULTS, SimulatedNetwork, type NetworkFaults } from './simulated-network.js';
import { SimulatedReadModels } from './simulated-read-models.js';
import { SimulatedTools, ToolServices } from './simulated-tools.js';
import { runsIn, standingOf, type Standing } from './stillness.js';
import { TOOL_TABLE } from './tool-table.js';
import { VirtualClock, WORLD, type Owner } from './virtual-clock.js';
import { inVirtualProcess } from './virtual-process.js';
import { LEASE_MS, Worker } from './worker.js';

/** Faults come until then, in milliseconds from the beginning. */
const FAULTS_UNTIL_MS = 5_000;
/** A run that has not come to rest so long after the last fault hangs: a stopped one waits 30 s, a delivery without an answer 60 s. */
const STILL_WITHIN_MS = 150_000;
const LOOK_EVERY_MS = 1_000;
const CONCURRENCY = 3;

/** What a worker is given. A planted bug puts its own in the place of some of it. */
export interface WorkerPorts {
  readonly log: EventLog;
  readonly feed: EventFeed;
  readonly tools: Tools;
  readonly clock: Clock;
}

/** A mistake that is put into the engine to see whether it is noticed. */
export interface PlantedBug {
  readonly name: string;
  /** Numbers of invariants that tell of it. */
  readonly caughtBy: readonly number[];
  readonly checksRevision?: boolean;
  readonly replaced?: ReadonlyMap<Type, Type>;
  readonly leases?: (leases: Leases) => Leases;
  ports?(ports: WorkerPorts, world: World, owner: Owner): Partial<WorkerPorts>;
}

interface Place {
  readonly number: number;
  readonly isEmbedded: boolean;
  incarnation: number;
  tools: ReadonlyMap<string, ToolManifest>;
  worker: Worker | undefined;
  feed: SimulatedFeed | undefined;
}

const drain = (setImmediate: (act: () => void) => void) => () => new Promise<void>((resolve) => setImmediate(resolve));

/** One seed's world: a store, several workers, people, and what goes wrong. */
export class World {
  readonly clock = new VirtualClock(drain(globalThis.setImmediate));
  readonly random: Random;
  readonly log: SimulatedLog;
  readonly services: ToolServices;
  private readonly groups: SimulatedGroups;
  private readonly readModels: SimulatedReadModels;
  private readonly faults: NetworkFaults;
  private readonly network: SimulatedNetwork;
  private readonly people: People;
  private readonly places: readonly Place[];
  private areFaultsOver = false;

  constructor(
    readonly seed: number,
    private readonly bug?: PlantedBug,
  ) {
    const random = new Random(seed);
    this.random = random;
    this.log = new SimulatedLog(this.clock, bug?.checksRevision);
    this.services = new ToolServices(this.clock, random);
    this.groups = new SimulatedGroups(this.clock, random, this.log);
    this.readModels = new SimulatedReadModels(this.log, this.clock, random);
    const level = random.of([0, 1, 2, 4]);
    this.faults = {
      lostRequest: 0.01 * level,
      lostAnswer: 0.03 * level,
      slowAnswer: 0.04 * level,
      lateRequest: 0.01 * level,
      lostRead: 0.01 * level,
    };
    this.network = new SimulatedNetwork(this.clock, random, this.faults);
    this.people = new People(this.clock, random, this.log, () => this.living());
    this.services.badness = random.of([0.5, 1, 1, 2]);
    // An embedded store has one engine in its own process, and perhaps others.
    const embedded = random.of([false, false, true]);
    const count = embedded ? random.whole(1, 2) : random.whole(2, 3);
    this.places = Array.from({ length: count }, (_, index) => ({
      number: index + 1,
      isEmbedded: embedded && index === 0,
      incarnation: 0,
      tools: TOOL_TABLE,
      worker: undefined,
      feed: undefined,
    }));
  }

  /** Lives the whole of it. */
  async live(): Promise<History> {
    const giveBack = inVirtualProcess(this.clock, this.random);
    try {
      for (const place of this.places) this.begin(place);
      this.planRuns();
      this.planFaults();
      await this.clock.run(FAULTS_UNTIL_MS);
      this.endFaults();
      await this.untilStill(({ isFinal, waitsForPeople }) => isFinal || waitsForPeople);
      const whenStill = this.log.events.length;
      await this.untilStill(({ isFinal }) => isFinal, true);
      const { orders, plans } = this.people;
      const { calls, effects } = this.services;
      return {
        seed: this.seed,
        events: this.log.events,
        calls,
        effects,
        orders,
        plans,
        concurrency: CONCURRENCY,
        leaseMs: LEASE_MS,
        whenStill,
      };
    } finally {
      giveBack();
    }
  }

  private living(): readonly Worker[] {
    return this.places.flatMap(({ worker }) => (worker?.owner.alive ? [worker] : []));
  }

  private begin(place: Place): void {
    const { clock, random, log, services } = this;
    place.incarnation += 1;
    const owner: Owner = { name: `worker-${place.number}.${place.incarnation}`, alive: true };
    const slowest = (): number => (this.areFaultsOver ? 20 : 2_000);
    place.feed = new SimulatedFeed(log, this.groups, clock, random, owner, place.isEmbedded, slowest);
    const ports: WorkerPorts = {
      log: new LogOverNetwork(log, this.network),
      feed: place.feed,
      tools: new SimulatedTools(services, owner, place.tools),
      clock,
    };
    const worker = new Worker({
      ...ports,
      ...this.bug?.ports?.(ports, this, owner),
      owner,
      planner: this.plannerOf(owner),
      readModels: this.readModels,
      concurrency: CONCURRENCY,
      ...(this.bug?.replaced && { replaced: this.bug.replaced }),
      ...(this.bug?.leases && { leases: this.bug.leases }),
    });
    clock.plan(0, owner, () => {
      worker.start().then(
        () => (place.worker = worker),
        () => clock.plan(0, WORLD, () => this.kill(place, owner, 100)),
      );
    });
  }

  private plannerOf(owner: Owner): Planner {
    const { clock, random } = this;
    return {
      name: 'simulated',
      plan: ({ intent }) =>
        new Promise((resolve, reject) => {
          clock.plan(random.between(1, 50), owner, () => {
            if (!this.areFaultsOver && random.chance(0.1)) reject(new Error('the planner is away'));
            else resolve({ kind: 'plan', plan: { steps: this.people.plans.get(intent)!.steps } });
          });
        }),
    };
  }

  /** A process dies, the store notices, and a new one comes in its place. */
  private kill(place: Place, owner: Owner, restartInMs: number): void {
    const { clock, random } = this;
    if (!owner.alive) return;
    owner.alive = false;
    place.worker = undefined;
    clock.plan(random.between(1, this.areFaultsOver ? 10 : 1_500), WORLD, () => this.groups.forget(owner));
    clock.plan(restartInMs, WORLD, () => this.begin(place));
  }

  private planRuns(): void {
    const { clock, random, people } = this;
    const runs = random.whole(1, 3);
    for (let number = 1; number <= runs; number++) clock.plan(random.between(0, 1_500), WORLD, () => people.submit(number));
    if (random.chance(0.1)) {
      const tool = random.of([null, 'put', 'pay']);
      clock.plan(random.between(0, 2_000), WORLD, () => people.pauseTool(tool, random.between(100, 2_000)));
    }
  }

  private planFaults(): void {
    const { clock, random } = this;
    const often = (most: number, act: (place: Place, worker: Worker) => void): void => {
      for (let left = random.whole(0, most); left > 0; left--)
        clock.plan(random.between(0, FAULTS_UNTIL_MS), WORLD, () => {
          const place = random.of(this.places);
          if (place.worker) act(place, place.worker);
        });
    };
    often(2, (place, { owner }) => this.kill(place, owner, random.between(1, 1_500)));
    often(1, (place, worker) => this.restart(place, worker));
    often(2, (_place, { owner }) => this.groups.disconnect(owner, random.between(10, 1_000)));
    often(2, ({ feed }) => feed?.breakSubscriptions());
    often(1, (_place, { owner }) => clock.stall(owner, random.between(50, 3 * LEASE_MS)));
    if (random.chance(0.2))
      clock.plan(random.between(0, FAULTS_UNTIL_MS), WORLD, () => {
        const { worker, isEmbedded } = random.of(this.places);
        // One alone, or the one that has the store in it, would be missed for ever.
        const forMs = this.places.length > 1 && !isEmbedded && random.chance(0.5) ? Infinity : random.between(50, 3 * LEASE_MS);
        if (worker) this.network.silence(worker.owner, forMs);
      });
    if (random.chance(0.3)) {
      // Somebody sets the clocks, and sees before long that they were right.
      const [wrong, right] = [random.between(0, FAULTS_UNTIL_MS), random.between(0, FAULTS_UNTIL_MS)].sort((a, b) => a - b);
      // Not far ahead: what was due within a second then would be due that much later.
      const jump = random.chance(0.5) ? random.between(100, 20_000) : -random.between(100, 3_600_000);
      clock.plan(wrong!, WORLD, () => clock.jump(jump));
      clock.plan(right!, WORLD, () => clock.jump(-jump));
    }
    this.log.listeners.push(() => this.strikeAtStart());
    if (random.chance(0.5)) clock.plan(random.between(500, FAULTS_UNTIL_MS), WORLD, () => this.groups.repeat(random.whole(1, 10)));
  }

  /** The worst moment for a fault is while a step runs. */
  private strikeAtStart(): void {
    const { clock, random } = this;
    const { type, data } = this.log.events.at(-1)!;
    if (this.areFaultsOver || type !== 'StepStarted' || !random.chance(0.15)) return;
    const place = this.places.find(({ worker }) => worker?.owner.name === data['worker']);
    const isDeadly = random.chance(0.3);
    const stalls = random.chance(0.4);
    clock.plan(random.between(0, 40), WORLD, () => {
      const owner = place?.worker?.owner;
      if (!place || !owner) return;
      if (stalls) clock.stall(owner, random.between(0.5 * LEASE_MS, 2 * LEASE_MS));
      else if (isDeadly) this.kill(place, owner, random.between(1, 500));
      else this.groups.disconnect(owner, random.between(10, 1_000));
    });
  }

  /** An orderly restart, perhaps with another version of a tool. */
  private restart(place: Place, worker: Worker): void {
    const { clock, random } = this;
    const { owner } = worker;
    place.worker = undefined;
    if (random.chance(0.5)) {
      const upgraded = random.of(['put', 'pay']);
      place.tools = new Map([...place.tools].map(([name, tool]) => [name, name === upgraded ? { ...tool, version: '2.0.0' } : tool]));
    }
    const end = (): void => void clock.plan(0, WORLD, () => this.kill(place, owner, random.between(1, 200)));
    clock.plan(0, owner, () => void worker.stop().then(end, end));
    // Whoever waits too long for the end of a process makes one.
    clock.plan(10_000, WORLD, end);
  }

  private endFaults(): void {
    Object.assign(this.faults, NO_FAULTS);
    this.areFaultsOver = true;
    this.services.isFaulty = false;
    this.people.areAway = true;
  }

  private async untilStill(isStill: (standing: Standing) => boolean, seeingTo = false): Promise<void> {
    const end = this.clock.elapsed() + STILL_WITHIN_MS;
    while (this.clock.elapsed() < end) {
      const standings = [...runsIn(this.log.events)].map(([workflowId, events]) => standingOf(workflowId, events));
      if (standings.every(isStill) && this.people.orders.every(({ answers }) => answers.length > 0)) return;
      if (seeingTo) for (const standing of standings) this.seeTo(standing);
      await this.clock.run(this.clock.elapsed() + LOOK_EVERY_MS);
    }
  }

  /** People come back and do what there is to do. */
  private seeTo({ matters, waitsForPeople }: Standing): void {
    if (!waitsForPeople) return;
    for (const { kind, workflowId, stepId, data } of matters) {
      if (kind === 'approval') this.people.decide(data as Parameters<People['decide']>[0], this.random.chance(0.8) ? 'approve' : 'reject');
      else if (kind === 'pause') this.people.resume(workflowId);
      else if (this.random.chance(0.5)) this.people.retry(workflowId, stepId);
      else this.people.skip(workflowId, stepId);
    }
  }
}
