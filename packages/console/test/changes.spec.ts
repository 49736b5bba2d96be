import type { Approval, RunThen, Step } from '../src/api/client';
import { changesOf, compared, differences } from '../src/pages/run/changes';

const step = (id: number, more: Partial<Step> = {}): Step => ({
  step_id: id,
  key: `step-${id}`,
  name: `Step ${id}`,
  tool: 'job_search',
  tool_version: '1.0.0',
  risk_level: 'L0',
  state: 'PENDING',
  depends_on: [],
  attempts: 0,
  args: {},
  output: null,
  error: null,
  skip_cause: null,
  started_at: null,
  finished_at: null,
  ...more,
});

type Then = Parameters<typeof changesOf>[1];
const then = (steps: readonly Step[], more: Partial<Then> = {}): Then => ({
  state: 'RUNNING',
  reason: null,
  steps: steps.map((one) => ({ ...one, retry_due_at: null })),
  approvals: [],
  waiting_for: [],
  ...more,
});

describe('what differs between two values', () => {
  it('is told place by place, with what was and what is', () => {
    expect([...differences({ a: [1, { b: 2 }], c: 3 }, { a: [1, { b: 4 }], d: 5 })]).toEqual([
      { path: 'a[1].b', before: 2, after: 4 },
      { path: 'd', before: undefined, after: 5 },
      { path: 'c', before: 3, after: undefined },
    ]);
  });

  it('is the whole of a reference that was resolved', () => {
    const reference = { $from: 'search', path: '/jobs/0' };
    expect([...differences({ job: reference }, { job: { id: 1 } })]).toEqual([{ path: 'job', before: reference, after: { id: 1 } }]);
  });

  it('is the whole where a list became an object, and nothing where they are equal', () => {
    expect([...differences({ a: [1] }, { a: { 0: 1 } })]).toEqual([{ path: 'a', before: [1], after: { 0: 1 } }]);
    expect([...differences({ a: [1, null] }, { a: [1, null] })]).toEqual([]);
  });
});

describe('what an event changed', () => {
  it('is nothing before the first one: all steps are new', () => {
    const { run, steps, added } = changesOf(undefined, then([step(1), step(2)]));
    expect([run, [...steps], added]).toEqual([
      [],
      [
        [1, []],
        [2, []],
      ],
      2,
    ]);
  });

  it('is told by step, with its approval and what it waits for; steps that are as they were are left out', () => {
    const approval = { approval_id: 9, step_id: 2, status: 'required' } as Pick<Approval, 'approval_id'> as RunThen['approvals'][number];
    const wait = { kind: 'approval', step_id: 2, since: null, until: null, approval_id: 9 } as const;
    const before = then([step(1), step(2, { state: 'READY' })]);
    const after = then([step(1), step(2, { state: 'BLOCKED' })], { approvals: [approval], waiting_for: [wait] });
    expect([...changesOf(before, after).steps]).toEqual([
      [
        2,
        [
          { path: 'state', before: 'READY', after: 'BLOCKED' },
          { path: 'approval', before: undefined, after: 'required' },
          { path: 'waits_for', before: undefined, after: 'approval' },
        ],
      ],
    ]);
  });

  it('tells of the run what became of it as a whole', () => {
    const pause = { kind: 'pause', step_id: null, since: null, until: null, approval_id: null } as const;
    expect(changesOf(then([]), then([], { state: 'PAUSED', waiting_for: [pause] })).run).toEqual([
      { path: 'state', before: 'RUNNING', after: 'PAUSED' },
      { path: 'waits_for.pause', before: undefined, after: true },
    ]);
  });
});

it('a shadow is compared with its original by the keys of the steps: state, arguments, output; times do not count', () => {
  const original = [step(1, { output: { jobs: [1] }, finished_at: '2026-01-01T00:00:00.000Z' }), step(2, { state: 'SUCCEEDED' })];
  const shadow = [step(1, { output: { jobs: [1] } }), step(2, { state: 'SKIPPED', skip_cause: 'rejected', args: { a: 1 } })];
  expect(compared(original, shadow).map(({ key, differences: found }) => [key, found.map(({ path }) => path)])).toEqual([
    ['step-1', []],
    ['step-2', ['state', 'args.a', 'skipped']],
  ]);
});
