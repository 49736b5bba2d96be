import type { JsonObject } from '../../../src/domain/json.js';
import type { StoredEvent } from '../../simulation/simulated-log.js';
import type { Trace } from './support/tools.js';
import { hanging, judge, type Life } from './support/verdict.js';
import { WallClocks } from './support/wall-clocks.js';

const STREAM = 'workflow-1';
const AT = Date.parse('2026-01-05T08:00:00.000Z');

/** A log of events a second apart. */
class Log {
  readonly events: StoredEvent[] = [];

  add(type: string, data: JsonObject = {}, by = 'w1', streamId = STREAM, revision = this.revisionOf(streamId)): this {
    const step = this.events.length;
    const metadata = {
      $correlationId: STREAM,
      commandId: '',
      actor: { kind: 'system', id: by, authenticated: true },
      schemaVersion: 1,
    } as const;
    const expected = revision === 0 ? 'no-stream' : revision - 1;
    const time = AT + step * 1_000;
    const place = { position: BigInt(step + 1), step, time, shown: time, expected } as const;
    this.events.push({ id: `${step}`, type, streamId, revision, data: { workflowId: 1, ...data }, metadata, ...place });
    return this;
  }

  private revisionOf(streamId: string): number {
    return this.events.filter((event) => event.streamId === streamId).length;
  }
}

const step = (change: JsonObject = {}): JsonObject => ({
  stepId: 1,
  attempt: 1,
  tool: 'slow_put',
  toolVersion: '1.0.0',
  args: {},
  argsHash: 'h',
  ...change,
});
const planned = { stepId: 1, key: 'put', tool: 'slow_put', toolVersion: '1.0.0', args: {}, dependsOn: [] };

/** A run of one step, up to the start of its attempt. */
const started = (tool = 'slow_put'): Log =>
  new Log()
    .add('WorkflowSubmitted', { intent: 'a', approvalFrom: 'L3' })
    .add('WorkflowPlanned', { steps: [{ ...planned, tool }] })
    .add('StepReady', step({ tool }))
    .add('StepStarted', step({ tool, worker: 'w1', idempotencyKey: 'k' }));

const whole = (): Log =>
  started()
    .add('StepSucceeded', step({ output: { text: 't', attempt: 1 } }))
    .add('WorkflowCompleted');

const call = (change: Partial<Trace> = {}): Trace => ({
  kind: 'calls',
  tool: 'slow_put',
  text: 'a/put',
  key: 'k',
  attempt: 1,
  pid: 1,
  at: AT + 3_500,
  ...change,
});

const lifeOf = ({ events }: Log, change: Partial<Life> = {}): Life => ({
  events,
  plans: new Map(),
  told: new Map([['a', 1]]),
  leaseMs: 3_000,
  traces: [call()],
  published: ['a/put'],
  ...change,
});

describe('the judgement of what a cluster did', () => {
  it('has nothing to say of a run that was as it should be', () => {
    expect(judge(lifeOf(whole()))).toEqual([]);
  });

  it.each<readonly [string, Log, Partial<Life>, RegExp]>([
    ['a hole in a stream', whole().add('StepResultRefused', step(), 'w1', STREAM, 9), {}, /invariant 2 /],
    [
      'a second outcome',
      started()
        .add('StepSucceeded', step({ output: { attempt: 1 } }))
        .add('StepSucceeded', step({ output: { attempt: 1 } })),
      {},
      /invariant 10 /,
    ],
    ['events after the end', whole().add('StepSkipped', step()), {}, /invariant 11 /],
    ['a run that hangs', started(), {}, /invariant 13 .*step 1 runs/],
    ['an outcome by another worker', started().add('StepSucceeded', step({ output: { attempt: 1 } }), 'w2'), {}, /invariant 16 \(foreign/],
    ['a call that was made twice', whole(), { traces: [call(), call({ pid: 2 })] }, /invariant 16 \(double-call/],
    ['a call without a start', whole(), { traces: [call(), call({ attempt: 2 })] }, /invariant 19 /],
    ['a call before its start', whole(), { traces: [call({ at: AT })] }, /invariant 19 /],
    ['a call after its outcome', whole(), { traces: [call({ at: AT + 9_000 })] }, /invariant 16 \(call-after/],
    ['a step that nobody approved', started('slow_sign'), {}, /invariant 21 /],
    ['two entries of one step', whole(), { published: ['a/put', 'a/put'] }, /invariant 18 /],
    ['a message that was sent twice', whole(), { traces: [call(), call({ kind: 'effects' }), call({ kind: 'effects' })] }, /invariant 20 /],
    ['a success that left nothing', whole(), { published: [] }, /invariant 1 \(lost-effect/],
    ['an accepted submission that is not there', whole(), { told: new Map([['b', 2]]) }, /invariant 1 \(lost/],
  ])('notices %s', (_what, log, change, pattern) => {
    expect(judge(lifeOf(log, change)).join('\n')).toMatch(pattern);
  });

  it('takes an attempt that was taken from a worker which held its lease for a violation, and from one that did not for none', () => {
    const lost = (secondsOfSilence: number): string => {
      const log = started().add('NodeLeaseRenewed', { worker: 'w1' }, 'nodes', 'node-w1');
      for (let second = 0; second < secondsOfSilence; second++) log.add('Other', {}, 'x', 'elsewhere');
      log.add('StepFailed', step({ error: { code: 'attempt.interrupted', effect: 'unknown' } }), 'w2');
      return judge(lifeOf(log)).join('\n');
    };
    expect(lost(0)).toMatch(/invariant 37 /);
    expect(lost(5)).not.toMatch(/invariant 37 /);
  });

  it('knows what people are waited for from what hangs', () => {
    expect(hanging(started().add('StepDeadLettered', step()).events)).toEqual([]);
    expect(hanging(started().add('StepRetryScheduled', step()).events)).toEqual(['run 1: step 1 is retry']);
  });

  it('lets a timer come as early as the wall clock says that was furthest ahead, and no earlier', () => {
    const clocks = new WallClocks();
    clocks.begins(0, 20_000, AT + 1_000);
    clocks.holds(0, AT + 1_000);
    clocks.begins(1, -3_600_000, AT + 2_000);
    clocks.holds(1, AT + 2_000);
    // Set right: it may show either time until it is known to.
    clocks.begins(0, 0, AT + 5_000);
    clocks.holds(0, AT + 6_000);
    const shown = [0, 1_000, 4_000, 10_000, 60_000].map((ms) => clocks.latestBy(AT + ms) - AT);
    expect(shown).toEqual([0, 21_000, 24_000, 26_000, 60_000]);
    const retry = started()
      .add('StepFailed', step({ error: { code: 'tool.failed', effect: 'none' } }))
      .add('StepRetryScheduled', step({ attempt: 2, dueAt: new Date(AT + 25_500).toISOString() }))
      .add('StepReady', step({ attempt: 2 }));
    const seenWith = (shownBy: (time: number) => number): string =>
      judge(lifeOf(retry, { events: retry.events.map((event) => ({ ...event, shown: shownBy(event.time) })) })).join('\n');
    expect(seenWith((time) => clocks.latestBy(time))).not.toMatch(/early-timer/);
    expect(seenWith((time) => time)).toMatch(/invariant 15 \(early-timer/);
  });
});
