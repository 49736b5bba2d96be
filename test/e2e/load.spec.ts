import { engineForTests } from './support/engine-process.js';
import { ask, finished, storedEvents } from './support/http.js';

describe('many runs and large ones', () => {
  const engine = engineForTests();
  it('finishes 50 runs that are submitted at once', async () => {
    const submitted = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        ask<{ workflow_id: number }>(engine.url, 'POST', '/api/workflows/submit', {
          user_id: index + 1,
          intent: 'schedule gym 3x this week and create a grocery list',
        }),
      ),
    );
    const ids = submitted.map(({ body }) => body.workflow_id);
    expect(new Set(ids).size).toBe(50);
    for (const id of ids) expect((await finished(engine.url, id, 120_000)).state).toBe('SUCCEEDED');
  }, 300_000);

  it('finishes a run of 1,000 steps, each once and after what it depends on (invariant 8)', async () => {
    const middle = Array.from({ length: 998 }, (_, index) => `middle_${index}`);
    const args = { people: 1, days: 1 };
    const steps = [
      { key: 'first', tool: 'grocery_plan', args },
      ...middle.map((key) => ({ key, tool: 'grocery_plan', args, depends_on: ['first'] })),
      { key: 'last', tool: 'grocery_plan', args, depends_on: middle },
    ];
    const { status, body } = await ask<{ workflow_id: number }>(engine.url, 'POST', '/api/workflows', { user_id: 1, plan: { steps } });
    expect(status).toBe(201);
    const run = await finished(engine.url, body.workflow_id, 120_000);
    expect(run.state).toBe('SUCCEEDED');
    expect(run.steps).toHaveLength(1_000);
    const events = await storedEvents(engine.url, body.workflow_id);
    const started = events.filter(({ type }) => type === 'StepStarted').map(({ data }) => data['stepId']);
    expect(started).toHaveLength(1_000);
    expect(started[0]).toBe(1);
    expect(started.at(-1)).toBe(1_000);
  }, 300_000);
});
