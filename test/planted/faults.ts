/** A mistake that somebody could make, as a change of a source's text. */
export interface PlantedFault {
  /** In words what the product would do. */
  readonly name: string;
  readonly file: string;
  /** Occurs in the file exactly once. */
  readonly text: string;
  readonly replacement: string;
  /** Which must catch it. */
  readonly specs: readonly string[];
  /** Of large specs, the tests that must, as Jest's `-t` takes them. */
  readonly tests?: string;
}

const DECISIONS = 'src/domain/workflow/decisions';
const CALLS = 'src/application/execution/attempt-calls.ts';
const EXECUTOR = 'src/application/execution/step-executor.ts';
const WORKFLOW_DECISIONS = 'src/application/workflow/workflow-decisions.ts';
const PROJECT_BATCH = 'src/infrastructure/read-models/projection/project-batch.ts';
const NODE_LEASE = 'src/domain/node/node-lease.ts';
const RECORD_OUTCOME = `${DECISIONS}/record-step-outcome.ts`;
const GROUP = 'packages/event-store-node/src/persistent-subscriptions/consumer-group.ts';

const RUN_DELIVERIES_SPEC = 'test/application/execution/run-deliveries.spec.ts';
const BEGUN_ONCE_SPEC = 'test/application/execution/begun-once.spec.ts';
const EXECUTOR_SPEC = 'test/application/execution/step-executor.spec.ts';
const ADAPTERS_SPEC = 'test/contract/event-store/adapters.spec.ts';
const EMBEDDED_SPEC = 'test/integration/read-models/embedded-database.spec.ts';
const ATTEMPTS_SPEC = 'test/domain/workflow/attempts.spec.ts';

export const PLANTED_FAULTS: readonly PlantedFault[] = [
  // The domain.
  {
    name: 'an approval counts for other arguments than were shown',
    file: `${DECISIONS}/decide-approval.ts`,
    text: 'data.argsHash !== undefined && data.argsHash !== approval.argsHash',
    replacement: 'false',
    specs: ['test/domain/workflow/approvals.spec.ts'],
  },
  {
    name: 'a decided approval is decided again',
    file: `${DECISIONS}/decide-approval.ts`,
    text: `if (approval.status !== 'required') {`,
    replacement: 'if (false) {',
    specs: ['test/domain/workflow/approvals.spec.ts'],
  },
  {
    name: 'a step is tried once more than its policy says',
    file: RECORD_OUTCOME,
    text: 'step.tries >= retry.maxAttempts',
    replacement: 'step.tries > retry.maxAttempts',
    specs: [ATTEMPTS_SPEC],
  },
  {
    name: 'a step may lose any number of workers',
    file: RECORD_OUTCOME,
    text: 'step.interruptions >= MOST_INTERRUPTIONS',
    replacement: 'false',
    specs: [ATTEMPTS_SPEC],
  },
  {
    name: 'a call of unknown effect is repeated though the tool is not idempotent',
    file: RECORD_OUTCOME,
    text: `effect === 'non-idempotent' && error.effect !== 'none'`,
    replacement: 'false',
    specs: [ATTEMPTS_SPEC],
  },
  {
    name: 'the late result of an attempt counts for the next one',
    file: RECORD_OUTCOME,
    text: `step.state !== 'RUNNING' || step.attempt !== attempt || step.worker`,
    replacement: `step.state !== 'RUNNING' || step.worker`,
    specs: [ATTEMPTS_SPEC],
  },
  {
    name: 'a worker whose attempt was taken from it can still settle it',
    file: RECORD_OUTCOME,
    text: '|| step.attempt !== attempt || step.worker !== worker)',
    replacement: '|| step.attempt !== attempt)',
    specs: [ATTEMPTS_SPEC],
  },
  {
    name: 'a plan lowers the risk of a tool',
    file: 'src/domain/risk/risk-level.ts',
    text: '(isAtLeast(a, b) ? a : b)',
    replacement: 'a',
    specs: ['test/domain/plan/validate-plan.spec.ts'],
  },
  {
    name: 'a holder counts its lease for longer than others do',
    file: NODE_LEASE,
    text: 'leaseMs * 0.8',
    replacement: 'leaseMs * 1.2',
    specs: ['test/domain/node/node-lease.spec.ts', 'test/application/nodes/node-registry.spec.ts'],
  },
  {
    name: 'after a time without answers all leases have run out',
    file: NODE_LEASE,
    text: 'this.since === undefined || now - this.lookedAt > renewEveryMs(this.leaseMs) * 2',
    replacement: 'this.since === undefined',
    specs: ['test/domain/node/node-lease.spec.ts'],
  },
  {
    name: 'who left is waited for until its lease is over',
    file: NODE_LEASE,
    text: 'if (this.left.has(worker)) return true;',
    replacement: '',
    specs: ['test/domain/node/node-lease.spec.ts'],
  },
  // The application.
  {
    name: 'a repeat is answered from a state that may be old',
    file: WORKFLOW_DECISIONS,
    text: 'if (fault === undefined && after === base) {',
    replacement: 'if (false) {',
    specs: ['test/application/workflow/cached-state.spec.ts'],
  },
  {
    name: 'who writes second is refused and not decided anew',
    file: WORKFLOW_DECISIONS,
    text: 'if (!(fault instanceof RevisionConflict)) throw fault;',
    replacement: 'throw fault;',
    specs: ['test/application/workflow/conflicts-and-faults.spec.ts'],
  },
  {
    name: 'what is stored already is taken for undecided after a conflict',
    file: WORKFLOW_DECISIONS,
    text: 'final: provenBy(stored, decisions), fault',
    replacement: 'final: 0, fault',
    specs: ['test/application/workflow/group-commit.spec.ts'],
  },
  {
    name: 'the tool is called before the start of its attempt is durable',
    file: WORKFLOW_DECISIONS,
    text: 'const { after, final, fault } = await this.append(base, decisions, state);',
    replacement: `for (const decision of decisions)
        if (decision.pending.isReaction && !('refusal' in decision))
          decision.pending.resolve({ events: decision.events, state, position: base.position });
      const { after, final, fault } = await this.append(base, decisions, state);`,
    specs: ['test/application/sagas/inline-reactions.spec.ts'],
  },
  {
    name: 'a delivery is acknowledged before the outcome is stored',
    file: CALLS,
    text: 'return this.record(workflowId, this.outcomeCommand(ready, outcome, signal), cause, stopping);',
    replacement: `void this.record(workflowId, this.outcomeCommand(ready, outcome, signal), cause, stopping);
    return ACK;`,
    specs: [EXECUTOR_SPEC],
  },
  {
    name: 'the executor forgets that it runs an attempt already',
    file: EXECUTOR,
    text: 'if (running) return running.verdict;',
    replacement: '',
    specs: [EXECUTOR_SPEC],
  },
  {
    name: 'cancellations are not listened to',
    file: EXECUTOR,
    text: 'this.cancellations.listen(head);',
    replacement: '',
    specs: ['test/application/execution/cancellations.spec.ts'],
  },
  {
    name: 'a start whose answer was slow is not looked at again',
    file: CALLS,
    text: 'this.leases.isHeld() && performance.now() - askedAt < SLOW_START_MS ? known',
    replacement: 'this.leases.isHeld() ? known',
    specs: ['test/application/execution/leases.spec.ts'],
  },
  {
    name: 'a start whose answer was lost is left to the next delivery',
    file: EXECUTOR,
    text: 'if (error instanceof EventLogUnavailable) void',
    replacement: 'if (false as boolean) void',
    specs: [RUN_DELIVERIES_SPEC],
  },
  {
    name: 'nodes start steps at once in runs that others work on',
    file: 'src/application/execution/run-deliveries.ts',
    text: 'this.own.has(workflowStream(workflowId))',
    replacement: 'true',
    specs: [RUN_DELIVERIES_SPEC],
  },
  {
    name: 'events of a run go to whichever node has room',
    file: 'src/application/execution/run-deliveries.ts',
    text: `strategy: 'by-stream',`,
    replacement: '',
    specs: [RUN_DELIVERIES_SPEC],
  },
  {
    name: 'a node without a free place keeps its steps to itself',
    file: 'src/application/execution/step-offers.ts',
    text: 'this.waiting.set(keyOf(offer), offer);',
    replacement: '',
    specs: [RUN_DELIVERIES_SPEC],
  },
  {
    name: 'a group that replaces others passes what the least far of them had not done',
    file: 'src/infrastructure/event-store/shared/group-settings.ts',
    text: 'place < least ? place : least',
    replacement: 'place > least ? place : least',
    specs: [ADAPTERS_SPEC],
    tests: 'consumer group',
  },
  {
    name: 'advisory locks of the shared embedded database hold nobody off',
    file: 'src/infrastructure/read-models/shared-pglite/advisory-locks.ts',
    text: 'if (lock && lock.by !== session) return false;',
    replacement: '',
    specs: ['test/integration/read-models/shared-pglite.spec.ts'],
  },
  {
    name: 'clients of the shared embedded database come between each other’s statements of one transaction',
    file: 'src/infrastructure/read-models/shared-pglite/client-session.ts',
    text: `if (this.state === 'I') this.passTurn();`,
    replacement: 'this.passTurn();',
    specs: ['test/integration/read-models/shared-pglite.spec.ts'],
  },
  {
    name: 'an interruption that cannot be recorded is passed over',
    file: EXECUTOR,
    text: `      if (!(error instanceof DomainError)) throw error;
    });`,
    replacement: '    });',
    specs: ['test/application/execution/leases.spec.ts'],
  },
  {
    name: 'what is taken up starts where the events of its run come to',
    file: EXECUTOR,
    text: 'const kept = this.kept.get(key);',
    replacement: 'const kept = undefined as Admitted | undefined;',
    specs: ['test/application/execution/taking-up.spec.ts'],
  },
  {
    name: 'an attempt that its delivery has begun is begun once more by what makes it ready',
    file: EXECUTOR,
    text: 'if (this.running.has(key)) return [];',
    replacement: '',
    specs: [BEGUN_ONCE_SPEC],
  },
  {
    name: 'a delivery on its way begins a step though the executor stops',
    file: EXECUTOR,
    text: 'signal.aborted ? undefined : this.admission.tryEnter(tool)',
    replacement: 'this.admission.tryEnter(tool)',
    specs: [BEGUN_ONCE_SPEC],
  },
  {
    name: 'any number of ready steps wait at a node, before all else',
    file: EXECUTOR,
    text: 'this.admission.waiting >= MOST_WAITING',
    replacement: 'false',
    specs: [BEGUN_ONCE_SPEC],
  },
  {
    name: 'a node that stops keeps its runs from the others until all it runs has ended',
    file: 'src/application/execution/run-deliveries.ts',
    text: 'this.leases.isShared ? this.leave(consumer) : consumer.stop()',
    replacement: 'consumer.stop()',
    specs: [RUN_DELIVERIES_SPEC],
  },
  {
    name: 'timers fire early',
    file: 'src/application/execution/timers.ts',
    text: 'pending.filter(({ dueAt }) => dueAt <= now)',
    replacement: 'pending.slice()',
    specs: ['test/application/execution/timers.spec.ts'],
  },
  {
    name: 'a worker is taken for gone without a fresh look',
    file: 'src/application/nodes/node-registry.ts',
    text: 'if (last) this.take(last);',
    replacement: 'if (last && !this.revisions.has(worker)) this.take(last);',
    specs: ['test/application/nodes/node-registry.spec.ts'],
  },
  {
    name: 'two submissions with one idempotency key both claim a run',
    file: 'src/application/workflow/submission-claims.ts',
    text: `await this.log.append(streamId, [{ id, type, data, metadata }], 'no-stream');`,
    replacement: `await this.log.append(\`\${streamId}-\${id}\`, [{ id, type, data, metadata }], 'no-stream');`,
    specs: ['test/application/workflow/submission-claims.spec.ts'],
  },
  // What is around it.
  {
    name: 'a projection applies an event twice',
    file: PROJECT_BATCH,
    text: 'await projection.fold(ofRuns, changes, manager, ofSchedules, ofDeliveries);',
    replacement: `await projection.fold([...ofRuns, ...ofRuns], changes, manager, ofSchedules, ofDeliveries);`,
    specs: [EMBEDDED_SPEC],
    tests: 'batches',
  },
  {
    name: 'events before a checkpoint are applied again',
    file: PROJECT_BATCH,
    text: 'facts.filter((fact) => fact.position > after(projection))',
    replacement: 'facts',
    specs: [EMBEDDED_SPEC],
    tests: 'batches',
  },
  {
    name: 'a checkpoint is written in a statement of its own',
    file: PROJECT_BATCH,
    text: `  changes.put(
    CheckpointRow,
    projections.map(({ name, version }) => ({ readModel: name, position: upTo, version })),
  );
  await changes.run();`,
    replacement: `  const apart = new Changes(manager);
  apart.put(CheckpointRow, projections.map(({ name, version }) => ({ readModel: name, position: upTo, version })));
  await apart.run();
  await changes.run();`,
    specs: [EMBEDDED_SPEC],
    tests: 'batches',
  },
  {
    name: 'a projector begins again with the log after each start',
    file: 'src/infrastructure/read-models/projection/projection-runner.ts',
    text: `position === 0n ? 'start' : { after: position }`,
    replacement: `'start'`,
    specs: [EMBEDDED_SPEC],
    tests: 'the projector (goes on|projects)',
  },
  {
    name: 'the in-process consumer drops what is to be delivered again',
    file: 'src/infrastructure/event-store/in-process/in-process-consumer.ts',
    text: 'if (isOpen()) group.refuse([id], action, reason);',
    replacement: `if (isOpen()) group.refuse([id], action === 'retry' ? 'skip' : action, reason);`,
    specs: [ADAPTERS_SPEC],
  },
  {
    name: 'a live timeline repeats the event that a follower has',
    file: 'src/application/timeline/run-timeline.ts',
    text: '{ from: last + 1 }',
    replacement: '{ from: Math.max(last, 0) }',
    specs: ['test/contract/event-store/live-timeline.spec.ts'],
  },
  {
    name: 'a live timeline tells again what came live and was read as well',
    file: 'src/application/timeline/run-timeline.ts',
    text: 'if (next.event.revision <= last) continue;',
    replacement: '',
    specs: ['test/contract/event-store/live-timeline.spec.ts'],
  },
  {
    name: 'the signature of a webhook leaves out its body',
    file: 'src/infrastructure/notifications/channel-sender.ts',
    text: '.sign(id, at, body)',
    replacement: `.sign(id, at, '')`,
    specs: ['test/infrastructure/notifications/channel-sender.spec.ts'],
  },
  {
    name: 'one public address of a name lets its private ones pass',
    file: 'src/infrastructure/notifications/allowed-addresses.ts',
    text: 'if (!addresses.every(({ address }) => isIP(address) !== 0',
    replacement: 'if (!addresses.some(({ address }) => isIP(address) !== 0',
    specs: ['test/infrastructure/notifications/allowed-addresses.spec.ts'],
  },
  {
    name: 'a message goes to the address that a name has later',
    file: 'src/infrastructure/notifications/post.ts',
    text: `agent: new client.Agent({ keepAlive: false, maxCachedSessions: 0 }), lookup, signal`,
    replacement: 'agent: new client.Agent({ keepAlive: false, maxCachedSessions: 0 }), signal',
    specs: ['test/infrastructure/notifications/channel-sender.spec.ts'],
  },
  {
    name: 'a node that has lost its lease keeps runs that it can do nothing about',
    file: 'src/application/nodes/leased-consumer.ts',
    text: `await member.abandon();
    await this.comeBack();`,
    replacement: 'await this.comeBack();',
    specs: [RUN_DELIVERIES_SPEC],
    tests: 'lost its lease',
  },
  {
    name: 'a node whose lease is lost while it joins a group stays in it',
    file: 'src/application/nodes/leased-consumer.ts',
    text: 'if (!signal.aborted && leases.isHeld()) {',
    replacement: 'if (!signal.aborted) {',
    specs: ['test/application/nodes/leased-consumer.spec.ts'],
  },
  {
    name: 'events that come while a run is looked at are forgotten where an earlier one came first',
    file: 'src/application/workflow/schedule-ready-steps.command.ts',
    text: 'pass.next.input = joined(pass.next.input, input);',
    replacement: '',
    specs: ['test/application/workflow/steps-and-approvals.spec.ts'],
    tests: 'looks for the latest',
  },
  // The adapter of the network.
  {
    name: 'where the clock is behind that of the event store, what is appended is too late',
    file: 'src/infrastructure/event-store/eventstoredb/append-stream.ts',
    text: `if (expected === 'no-stream') options.setNoStream(new empty.Empty());`,
    replacement: `const { Timestamp } = process.getBuiltinModule('module').createRequire(import.meta.url)('google-protobuf/google/protobuf/timestamp_pb.js');
  options.setDeadline(Timestamp.fromDate(new Date(Date.now() + 60_000)));
  if (expected === 'no-stream') options.setNoStream(new empty.Empty());`,
    specs: ['test/contract/event-store/clocks.spec.ts'],
  },
  // The event store.
  {
    name: 'an append is not checked against the expected revision',
    file: 'packages/event-store-node/src/log/append-decision.ts',
    text: 'if (expected > head.last || ids.length === 0) return WRONG;',
    replacement: 'return write(head);',
    specs: ['packages/event-store-node/test/log-against-model.spec.ts'],
  },
  {
    name: 'a filter by prefix looks anywhere in the name',
    file: 'packages/event-store-node/src/log/event-filter.ts',
    text: 'name.startsWith(prefix)',
    replacement: 'name.includes(prefix)',
    specs: [ADAPTERS_SPEC],
  },
  {
    name: 'what is to be parked is forgotten',
    file: GROUP,
    text: 'this.parked.park(found.message, reason).then(',
    replacement: 'Promise.resolve().then(',
    specs: [ADAPTERS_SPEC],
  },
  {
    name: 'what a vanished consumer had is not delivered again',
    file: GROUP,
    text: 'if (!isParking) this.retry(message);',
    replacement: 'if (!isParking) this.complete(message.key);',
    specs: [ADAPTERS_SPEC],
  },
  {
    name: 'a clock that is set back keeps what nobody answered from being delivered again',
    file: GROUP,
    text: 'Math.min(Math.max(1, due - performance.now()), LONGEST_TIMER_MS)',
    replacement:
      'Math.min(Math.max(1, due - performance.now() + (performance.timeOrigin + performance.now() - Date.now())), LONGEST_TIMER_MS)',
    specs: ['packages/event-store-node/test/persistent-subscriptions.spec.ts'],
    tests: 'wherever the clock is set',
  },
  {
    name: 'the checkpoint of a group passes what has no verdict',
    file: GROUP,
    text: 'if (lowest) return lowest.before;',
    replacement: '',
    specs: ['packages/event-store-node/test/restart.spec.ts'],
  },
];

/** How often the fault's text occurs in its source. */
export const occurrences = (source: string, { text }: PlantedFault): number => source.split(text).length - 1;
