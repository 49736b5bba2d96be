import type { Leases } from '../../src/application/nodes/leases.js';
import type { Type } from '@nestjs/common';
import type { GroupHandler } from '../../src/application/ports/event-feed.js';
import type { NewEvent } from '../../src/application/ports/event-log.js';
import type { ToolCall } from '../../src/application/ports/tools.js';
import type { Cause } from '../../src/application/workflow/cause.js';
import { WorkflowDecisions, type Decided } from '../../src/application/workflow/workflow-decisions.js';
import type { JsonObject } from '../../src/domain/json.js';
import type { ToolManifest } from '../../src/domain/tool/tool-manifest.js';
import type { WorkflowCommand } from '../../src/domain/workflow/workflow.commands.js';
import { stepOf, type StepRecord } from '../../src/domain/workflow/workflow.state.js';
import { evolveAll } from '../../src/domain/workflow/evolve.js';
import { DomainError } from '../../src/domain/workflow/workflow.errors.js';
import { WORLD } from './virtual-clock.js';
import type { PlantedBug, WorkerPorts } from './world.js';

type Execute = WorkflowDecisions['execute'];

/** A port with some of its methods replaced. */
const like = <T extends object>(port: T, change: Partial<T>): T =>
  new Proxy(port, {
    get(target, name) {
      const own = (change as Record<string | symbol, unknown>)[name] ?? (target as Record<string | symbol, unknown>)[name];
      return typeof own === 'function' ? (own as (...args: unknown[]) => unknown).bind(target) : own;
    },
  });

/** Decisions that go wrong in one place. */
const deciding = (
  wrong: (execute: Execute, self: WorkflowDecisions, ...asked: Parameters<Execute>) => Promise<Decided>,
): ReadonlyMap<Type, Type> => {
  class WrongDecisions extends WorkflowDecisions {
    override execute(workflowId: number, command: WorkflowCommand, cause: Cause): Promise<Decided> {
      return wrong((...asked) => super.execute(...asked), this, workflowId, command, cause);
    }
  }
  return new Map<Type, Type>([[WorkflowDecisions, WrongDecisions]]);
};

/** Events that are changed on their way to the log. */
const rewriting =
  (rewrite: (event: NewEvent) => JsonObject) =>
  ({ log }: WorkerPorts) => ({
    log: like(log, {
      append: (streamId, events, expected) =>
        log.append(
          streamId,
          events.map(({ text: _text, ...event }) => ({ ...event, data: rewrite(event) })),
          expected,
        ),
    }),
  });

const calling =
  (change: (call: ToolCall) => ToolCall) =>
  ({ tools }: WorkerPorts) => ({
    tools: like(tools, { call: (call) => tools.call(change(call)) }),
  });

/** Tools that say something else of themselves than is so. */
const posingAs =
  (pose: (manifest: ToolManifest) => ToolManifest) =>
  ({ tools }: WorkerPorts) => ({
    tools: like(tools, {
      manifest: (name) => {
        const manifest = tools.manifest(name);
        return manifest && pose(manifest);
      },
      manifests: () => tools.manifests().map(pose),
    }),
  });

const handling =
  (wrap: (handler: GroupHandler) => GroupHandler) =>
  ({ feed }: WorkerPorts) => ({
    feed: like(feed, { join: (group, handler) => feed.join(group, wrap(handler)) }),
  });

/** Whatever was decided about an approval, this is decided too. */
const insistingOnVerdict = deciding(async (execute, self, workflowId, command, cause) => {
  try {
    return await execute(workflowId, command, cause);
  } catch (error) {
    if (!(error instanceof DomainError) || command.type !== 'DecideApproval' || error.code !== 'approval.already-decided') throw error;
    const known = await self.read(workflowId);
    const { approvalId, stepId, decidedBy } = command.data;
    const data = { workflowId, at: '', stepId, name: '', approvalId, decidedBy };
    const id = `second-decision-${approvalId}`;
    const metadata = { $correlationId: id, commandId: id, actor: cause.actor, schemaVersion: 1 };
    const { log } = self as unknown as { readonly log: WorkerPorts['log'] };
    await log.append(`workflow-${workflowId}`, [{ id, type: 'ApprovalRejected', data, metadata }], known.revision);
    return { events: [], ...(await self.read(workflowId)) };
  }
});

const refusedStartsGoOn = deciding(async (execute, self, workflowId, command, cause) => {
  try {
    return await execute(workflowId, command, cause);
  } catch (error) {
    const isStop = error instanceof DomainError && (error.code === 'workflow.finished' || error.code === 'workflow.stopping');
    if (!isStop || command.type !== 'StartStep') throw error;
    const known = await self.read(workflowId);
    return { events: [{ type: 'StepStarted', data: {} } as unknown as Decided['events'][number]], ...known };
  }
});

/** The call is made while its start is still on the way. */
const startsInAdvance = deciding(async (execute, self, workflowId, command, cause) => {
  if (command.type !== 'StartStep') return execute(workflowId, command, cause);
  const known = await self.read(workflowId);
  const { stepId, attempt, worker } = command.data;
  const event = { type: 'StepStarted', data: { workflowId, at: '', stepId, name: '', attempt, tool: '', worker } } as const;
  void execute(workflowId, command, cause).catch(() => undefined);
  return { events: [event], state: evolveAll(known.state, [event]), position: known.position };
});

const stepIn = async (decisions: WorkflowDecisions, workflowId: number, stepId: number): Promise<StepRecord> =>
  stepOf((await decisions.read(workflowId)).state, stepId)!;

/** A result counts for whichever attempt runs when it comes, or else for the next one. */
const anyAttempt = deciding(async (execute, self, workflowId, command, cause) => {
  if (command.type !== 'RecordStepSuccess' && command.type !== 'RecordStepFailure') return execute(workflowId, command, cause);
  const { stepId } = command.data;
  let step = await stepIn(self, workflowId, stepId);
  for (let looks = 0; step.state === 'FAILED' && looks < 50; looks++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    step = await stepIn(self, workflowId, stepId);
  }
  const { attempt, worker } = step;
  const data = { ...command.data, attempt, worker: worker ?? command.data.worker };
  return execute(workflowId, { ...command, data } as WorkflowCommand, cause);
});

/** A timer that fires twice takes effect twice. */
const doubleTimer = deciding(async (execute, self, workflowId, command, cause) => {
  const decided = await execute(workflowId, command, cause);
  const [ready] = decided.events;
  if (command.type !== 'RetryStep' || ready?.type !== 'StepReady') return decided;
  const { revision } = await self.read(workflowId);
  const { log } = self as unknown as { readonly log: WorkerPorts['log'] };
  const id = `again-${workflowId}-${ready.data.stepId}-${ready.data.attempt}`;
  const metadata = { $correlationId: id, commandId: id, actor: cause.actor, schemaVersion: 1 };
  await log
    .append(`workflow-${workflowId}`, [{ id, type: 'StepReady', data: ready.data as unknown as JsonObject, metadata }], revision)
    .catch(() => undefined);
  return decided;
});

const forgottenOutcomes = deciding(async (execute, self, workflowId, command, cause) => {
  if (command.type !== 'RecordStepSuccess' || command.data.stepId !== 1) return execute(workflowId, command, cause);
  return { events: [], ...(await self.read(workflowId)) };
});

const forgottenCancels = deciding(async (execute, self, workflowId, command, cause) => {
  if (command.type !== 'CancelWorkflow') return execute(workflowId, command, cause);
  return { events: [], ...(await self.read(workflowId)) };
});

/** Mistakes that somebody could make in the engine or in one of its adapters, each with the invariants by which it must be noticed. */
const leasesWith =
  (change: Partial<Leases>) =>
  (leases: Leases): Leases => ({
    isShared: leases.isShared,
    hasOthers: () => leases.hasOthers(),
    isHeld: () => leases.isHeld(),
    isGone: (worker) => leases.isGone(worker),
    onLost: (listener) => leases.onLost(listener),
    nextLook: (signal) => leases.nextLook(signal),
    ...change,
  });

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: 'whoever is not the worker takes it for gone',
    caughtBy: [37],
    leases: leasesWith({ isGone: () => Promise.resolve(true) }),
  },
  {
    name: 'deliveries are acknowledged before they are dealt with',
    caughtBy: [13],
    ports: handling((handler) => ({
      ...handler,
      deliver: (delivery) => {
        void handler.deliver(delivery).catch(() => undefined);
        return Promise.resolve({ kind: 'ack' });
      },
    })),
  },
  { name: 'the store does not check the expected revision', caughtBy: [5], checksRevision: false },
  { name: 'a result counts for whichever attempt runs', caughtBy: [16], replaced: anyAttempt },
  {
    name: 'dependencies are lost on the way to the log',
    caughtBy: [8],
    ports: rewriting(({ type, data }) =>
      type === 'WorkflowPlanned'
        ? { ...data, steps: (data['steps'] as unknown as readonly JsonObject[]).map((step) => ({ ...step, dependsOn: [] })) }
        : data,
    ),
  },
  { name: 'a start that is refused because the run is stopped goes on', caughtBy: [12], replaced: refusedStartsGoOn },
  {
    name: 'tools say that they are harmless, and nobody is asked',
    caughtBy: [21],
    ports: posingAs((manifest) => ({ ...manifest, riskLevel: 'L0' })),
  },
  { name: 'a timer takes effect twice', caughtBy: [15], replaced: doubleTimer },
  {
    name: 'the clock of one worker goes ahead',
    caughtBy: [15],
    ports: ({ clock }, _world, { name }) =>
      name.startsWith('worker-1') ? { clock: { now: () => clock.now() + 2_000, elapsed: () => clock.elapsed() } } : {},
  },
  {
    name: 'attempts are repeated beyond the maximum',
    caughtBy: [14],
    ports: posingAs((manifest) => ({ ...manifest, retry: { ...manifest.retry, maxAttempts: manifest.retry.maxAttempts + 2 } })),
  },
  {
    name: 'a call of unknown outcome counts as one that had no effect',
    caughtBy: [20],
    ports: ({ tools }) => ({
      tools: like(tools, {
        call: async (call) => {
          const outcome = await tools.call(call);
          return outcome.kind === 'success' ? outcome : { ...outcome, error: { ...outcome.error, effect: 'none' } };
        },
      }),
    }),
  },
  {
    name: 'arguments change after they were approved',
    caughtBy: [21],
    ports: calling((call) => (call.tool === 'pay' ? { ...call, args: { text: `${call.args['text'] as string}!` } } : call)),
  },
  { name: 'an approval is decided a second time', caughtBy: [23], replaced: insistingOnVerdict },
  { name: 'the tool is called before its start is stored', caughtBy: [19], replaced: startsInAdvance },
  {
    name: 'each attempt has an idempotency key of its own',
    caughtBy: [33],
    ports: rewriting(({ type, data }) =>
      type === 'StepStarted' ? { ...data, idempotencyKey: `${data['idempotencyKey'] as string}/${data['attempt'] as number}` } : data,
    ),
  },
  {
    name: 'each attempt calls with a key of its own',
    caughtBy: [33],
    ports: calling((call) => ({ ...call, idempotencyKey: `${call.idempotencyKey}/${call.attempt}` })),
  },
  {
    name: 'a tool takes more calls at once than it may',
    caughtBy: [17],
    ports: ({ tools }) => ({ tools: like(tools, { tryEnter: () => ({ leave: () => undefined }) }) }),
  },
  {
    name: 'a worker says that it has the version that was planned, and has another one',
    caughtBy: [34],
    ports: posingAs((manifest) => ({ ...manifest, version: '1.0.0' })),
  },
  { name: 'successes are not recorded', caughtBy: [13], replaced: forgottenOutcomes },
  { name: 'a cancel is acknowledged and not recorded', caughtBy: [1], replaced: forgottenCancels },
  {
    name: 'an append is acknowledged before it is stored, and may be lost',
    caughtBy: [1],
    ports: ({ log }, { clock, random }) => ({
      log: like(log, {
        append: async (streamId, events, expected) => {
          const isCancel = events.length === 1 && (events[0]!.type === 'WorkflowStopping' || events[0]!.type === 'WorkflowCancelled');
          if (!isCancel) return log.append(streamId, events, expected);
          if (random.chance(0.5)) clock.plan(200, WORLD, () => void log.append(streamId, events, expected).catch(() => undefined));
          return { revision: Number(expected) + 1, position: 0n };
        },
      }),
    }),
  },
  {
    name: 'what was approved before counts when a person has a step tried again with other arguments',
    caughtBy: [21, 22],
    ports: rewriting(({ type, data }) => (type === 'StepRetryRequested' ? { ...data, riskLevel: 'L0' } : data)),
  },
];
