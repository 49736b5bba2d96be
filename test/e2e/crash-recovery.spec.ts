import { preparedFolder } from '../integration/read-models/support/prepared-database.js';
import { removeFolder, serveEngine, stopEngine } from './support/engine-process.js';
import { approveAll, ask, eventually, storedEvents, streamFrames } from './support/http.js';

describe('a process killed in the middle of runs', () => {
  it('finishes them after a restart: no finished step runs twice, no gap, no duplicate (invariants 1, 2, 10, 14)', async () => {
    const dataDir = await preparedFolder();
    let engine = await serveEngine(dataDir);
    const ids: number[] = [];
    // Twice: a crash counts as an attempt, and a step whose three attempts all met one would rightly wait for a person.
    for (let kill = 0; kill < 2; kill++) {
      const submitted = await Promise.all(
        Array.from({ length: 8 }, () =>
          ask<{ workflow_id: number }>(engine.url, 'POST', '/api/workflows/submit', {
            user_id: 1,
            intent: 'Apply to 2 backend jobs, schedule gym 3x this week, and create a grocery list',
          }),
        ),
      );
      ids.push(...submitted.map(({ body }) => body.workflow_id));
      // In the middle: some of the new runs' events are there, but their last gates are not reached.
      await eventually(
        () => storedEvents(engine.url, ids.at(-1)!),
        (events) => events.length > 3 * (kill + 1),
      );
      engine.process.kill('SIGKILL');
      await engine.process.exited;
      engine = await serveEngine(dataDir);
    }

    const runs = await Promise.all(ids.map((id) => approveAll(engine.url, id)));
    expect(runs.map(({ state }) => state)).toEqual(ids.map(() => 'SUCCEEDED'));
    for (const id of ids) {
      const events = await storedEvents(engine.url, id);
      expect(events.map(({ revision }) => revision)).toEqual(events.map((_, index) => index));
      const positions = events.map(({ position }) => BigInt(position));
      positions.slice(1).forEach((position, index) => expect(position).toBeGreaterThan(positions[index]!));
      const successes = events.filter(({ type }) => type === 'StepSucceeded').map(({ data }) => data['stepId']);
      expect(new Set(successes).size).toBe(successes.length);
      for (const stepId of successes) {
        const succeededAt = events.findIndex(({ type, data }) => type === 'StepSucceeded' && data['stepId'] === stepId);
        const later = events.slice(succeededAt + 1).filter(({ type, data }) => type === 'StepStarted' && data['stepId'] === stepId);
        expect(later).toEqual([]);
      }
      const frames = await streamFrames(engine.url, id);
      expect(frames.map(({ id: revision }) => revision)).toEqual(events.map(({ revision }) => revision));
      const { body } = await ask<{ events: { id: number }[] }>(engine.url, 'GET', `/api/workflows/${id}/timeline`);
      expect(body.events.map((entry) => entry.id)).toEqual(frames.map((frame) => frame.id));
    }
    expect(await stopEngine(engine)).toEqual({ code: 0, signal: null });
    await removeFolder(dataDir);
  }, 300_000);
});
