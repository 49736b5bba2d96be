import { CancelWorkflow } from '../../../src/application/workflow/cancel-workflow.command.js';
import { CompensateWorkflow } from '../../../src/application/workflow/compensate-workflow.command.js';
import { CompleteDeadLetter } from '../../../src/application/workflow/complete-dead-letter.command.js';
import { DecideDeadLetters } from '../../../src/application/workflow/decide-dead-letters.command.js';
import { ForkWorkflow } from '../../../src/application/workflow/fork-workflow.command.js';
import { GiveUpWorkflow } from '../../../src/application/workflow/give-up-workflow.command.js';
import { PauseWorkflow } from '../../../src/application/workflow/pause-workflow.command.js';
import { ResumeWorkflow } from '../../../src/application/workflow/resume-workflow.command.js';
import { RerunWorkflow } from '../../../src/application/workflow/rerun-workflow.command.js';
import { RetryDeadLetter } from '../../../src/application/workflow/retry-dead-letter.command.js';
import { SkipDeadLetter } from '../../../src/application/workflow/skip-dead-letter.command.js';
import { DropParkedEvent } from '../../../src/application/parking/drop-parked-event.command.js';
import { ReplayParkedEvent } from '../../../src/application/parking/replay-parked-event.command.js';
import { ListParkedEvents } from '../../../src/application/queries/list-parked-events.js';
import { LiftPause } from '../../../src/application/pauses/lift-pause.command.js';
import { SetPause } from '../../../src/application/pauses/set-pause.command.js';
import { ListPauses } from '../../../src/application/queries/list-pauses.js';
import { ListDeadLetters } from '../../../src/application/queries/list-dead-letters.js';
import { send } from './support/requests.js';
import { startScriptedApp, type ScriptedApp } from './support/scripted-app.js';

let http: ScriptedApp;
beforeAll(async () => {
  http = await startScriptedApp();
});
afterAll(() => http.close());
beforeEach(() => {
  http.asked.length = 0;
});

const ANONYMOUS = { kind: 'user', id: 'anonymous', authenticated: false } as const;
const USER = { kind: 'user', id: '3', authenticated: false } as const;
const post = (path: string, json?: unknown) => send(`${http.url}${path}`, { method: 'POST', ...(json === undefined ? {} : { json }) });

describe('control of a run over HTTP', () => {
  it.each([
    ['cancel', CancelWorkflow],
    ['pause', PauseWorkflow],
    ['resume', ResumeWorkflow],
    ['give-up', GiveUpWorkflow],
  ] as const)('%s takes who and why, or neither', async (action, command) => {
    http.answer(() => ({ workflowId: 7, state: 'RUNNING', position: 9n }));
    const answer = { status: 200, body: { workflow_id: 7, state: 'RUNNING', position: '9' } };
    expect(await post(`/api/workflows/7/${action}`)).toMatchObject(answer);
    expect(await post(`/api/workflows/7/${action}`, { user_id: 3, reason: 'because' })).toMatchObject(answer);
    expect(await post(`/api/workflows/7/${action}`, { reason: '  ' })).toMatchObject(answer);
    expect(http.asked).toEqual([
      new command({ workflowId: 7, actor: ANONYMOUS }),
      new command({ workflowId: 7, actor: USER, decidedBy: 3, reason: 'because' }),
      new command({ workflowId: 7, actor: ANONYMOUS }),
    ]);
  });

  it('cancel refuses two people', async () => {
    expect(await post('/api/workflows/7/cancel', { user_id: 3, cancelled_by: 4 })).toMatchObject({
      status: 400,
      body: { code: 'request.invalid', errors: [{ field: '/cancelled_by' }] },
    });
    expect(http.asked).toEqual([]);
  });

  it.each(['pause', 'resume', 'give-up'])('%s refuses what it does not know', async (action) => {
    expect(await post(`/api/workflows/7/${action}`, { because: 'x' })).toMatchObject({
      status: 400,
      body: { errors: [{ field: '/because' }] },
    });
    expect(await post(`/api/workflows/x/${action}`)).toMatchObject({ status: 400 });
    expect(await post(`/api/workflows/7/${action}?force=1`)).toMatchObject({ status: 400 });
  });
});

describe('undoing a run over HTTP', () => {
  it('is asked for with the cancelling', async () => {
    http.answer(() => ({ workflowId: 7, state: 'CANCELLING', position: 9n }));
    for (const compensate of [true, false]) await post('/api/workflows/7/cancel', { user_id: 3, compensate });
    expect(http.asked).toEqual([
      new CancelWorkflow({ workflowId: 7, actor: USER, decidedBy: 3, compensate: true }),
      new CancelWorkflow({ workflowId: 7, actor: USER, decidedBy: 3 }),
    ]);
    expect(await post('/api/workflows/7/cancel', { compensate: 'yes' })).toMatchObject({
      status: 400,
      body: { errors: [{ field: '/compensate' }] },
    });
  });

  it('answers as a submission does', async () => {
    http.answer(() => ({ workflowId: 9, state: 'RUNNING', intent: 'Undo workflow 7: x', position: 4n }));
    const { status, body, headers } = await post('/api/workflows/7/compensate', { user_id: 3, reason: 'a mistake' });
    expect([status, headers.get('location')]).toEqual([201, '/api/workflows/9']);
    expect(body).toEqual({ workflow_id: 9, state: 'RUNNING', intent: 'Undo workflow 7: x', position: '4' });
    expect(http.asked).toEqual([new CompensateWorkflow({ workflowId: 7, actor: USER, decidedBy: 3, reason: 'a mistake' })]);
  });
});

describe('a shadow of a run over HTTP', () => {
  it('answers as a submission does', async () => {
    http.answer(() => ({ workflowId: 9, state: 'RUNNING', intent: 'x', position: 4n }));
    const wishes = { args: { a: { text: 'other' } }, decisions: { b: 'reject' } } as const;
    const { status, headers } = await post('/api/workflows/7/fork', {
      revision: 3,
      shadow: true,
      ...wishes,
      user_id: 3,
      reason: 'what if',
    });
    expect([status, headers.get('location')]).toEqual([201, '/api/workflows/9']);
    expect(http.asked).toEqual([new ForkWorkflow({ workflowId: 7, actor: USER, decidedBy: 3, reason: 'what if', revision: 3, ...wishes })]);
  });

  it.each([
    [{ shadow: true }, '/revision'],
    [{ revision: 1 }, '/shadow'],
    [{ revision: 1, shadow: false }, '/shadow'],
    [{ revision: 1, shadow: true, args: { a: 5 } }, '/args/a'],
    [{ revision: 1, shadow: true, decisions: { a: 'maybe' } }, '/decisions/a'],
  ])('is refused with %j', async (body, field) => {
    expect(await post('/api/workflows/7/fork', body)).toMatchObject({ status: 400, body: { errors: [{ field }] } });
    expect(http.asked).toEqual([]);
  });
});

describe('running a run again over HTTP', () => {
  it('answers as a submission does', async () => {
    http.answer(() => ({ workflowId: 9, state: 'RUNNING', intent: 'x', position: 4n }));
    const answer = { status: 201, body: { workflow_id: 9, state: 'RUNNING', intent: 'x', position: '4' } };
    const { status, body, headers } = await send(`${http.url}/api/workflows/7/rerun`, {
      method: 'POST',
      headers: { 'Idempotency-Key': 'k' },
    });
    expect({ status, body }).toEqual(answer);
    expect(headers.get('location')).toBe('/api/workflows/9');
    expect(await post('/api/workflows/7/rerun', { from: ['search'], user_id: 3 })).toMatchObject(answer);
    expect(http.asked).toEqual([
      new RerunWorkflow({ workflowId: 7, actor: ANONYMOUS, idempotencyKey: 'k' }),
      new RerunWorkflow({ workflowId: 7, actor: USER, decidedBy: 3, from: ['search'] }),
    ]);
    expect(await post('/api/workflows/7/rerun', { from: [] })).toMatchObject({ status: 400, body: { errors: [{ field: '/from' }] } });
  });
});

describe('decisions about dead letters over HTTP', () => {
  const decided = { workflowId: 7, stepId: 2, state: 'PENDING', position: 9n };
  const answer = { status: 200, body: { workflow_id: 7, step_id: 2, state: 'PENDING', position: '9' } };

  it('retry takes other arguments', async () => {
    http.answer(() => decided);
    expect(await post('/api/workflows/7/steps/2/retry')).toMatchObject(answer);
    expect(await post('/api/workflows/7/steps/2/retry', { args: { to: 'x' }, user_id: 3, reason: 'fixed' })).toMatchObject(answer);
    expect(http.asked).toEqual([
      new RetryDeadLetter({ workflowId: 7, stepId: 2, actor: ANONYMOUS }),
      new RetryDeadLetter({ workflowId: 7, stepId: 2, actor: USER, decidedBy: 3, reason: 'fixed', args: { to: 'x' } }),
    ]);
    expect(await post('/api/workflows/7/steps/2/retry', { args: [] })).toMatchObject({
      status: 400,
      body: { errors: [{ field: '/args' }] },
    });
  });

  it('skip and complete', async () => {
    http.answer(() => decided);
    expect(await post('/api/workflows/7/steps/2/skip', { user_id: 3 })).toMatchObject(answer);
    expect(await post('/api/workflows/7/steps/2/complete', { output: null, reason: 'done' })).toMatchObject(answer);
    expect(http.asked).toEqual([
      new SkipDeadLetter({ workflowId: 7, stepId: 2, actor: USER, decidedBy: 3 }),
      new CompleteDeadLetter({ workflowId: 7, stepId: 2, actor: ANONYMOUS, reason: 'done', output: null }),
    ]);
    expect(await post('/api/workflows/7/steps/2/complete', {})).toMatchObject({ status: 400, body: { errors: [{ field: '/output' }] } });
  });

  it('many at once, by name or by what they have in common', async () => {
    const undecided = { workflowId: 7, stepId: 2, code: 'step.not-dead-lettered', message: 'It is READY.' };
    http.answer(() => ({ done: 1, failed: [undecided], isMore: true }));
    const items = [
      { workflow_id: 7, step_id: 2 },
      { workflow_id: 8, step_id: 1 },
    ];
    expect(await post('/api/dead-letters/bulk', { action: 'skip', items })).toMatchObject({
      status: 200,
      body: { done: 1, failed: [{ workflow_id: 7, step_id: 2, code: 'step.not-dead-lettered', detail: 'It is READY.' }], more: true },
    });
    const filter = { tool: 'email_send', code: 'tool.failed', user_id: 3 };
    await post('/api/dead-letters/bulk', { action: 'give-up', filter, user_id: 3, reason: 'no use' });
    const letters = [
      { workflowId: 7, stepId: 2 },
      { workflowId: 8, stepId: 1 },
    ];
    expect(http.asked).toEqual([
      new DecideDeadLetters({ action: 'skip', letters, actor: ANONYMOUS }),
      new DecideDeadLetters({
        action: 'give-up',
        letters: { tool: 'email_send', code: 'tool.failed', userId: 3 },
        actor: USER,
        decidedBy: 3,
        reason: 'no use',
      }),
    ]);
    for (const wrong of [
      { action: 'retry' },
      { action: 'retry', items, filter: {} },
      { action: 'retry', items: [] },
      { action: 'drop', filter: {} },
    ])
      expect(await post('/api/dead-letters/bulk', wrong)).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
  });

  it('lists them by tool, code and user', async () => {
    http.answer(() => ({ items: [], nextCursor: null }));
    await send(`${http.url}/api/dead-letters?tool=email_send&code=tool.failed&user_id=3&limit=2`);
    expect(http.asked).toEqual([
      new ListDeadLetters({ filter: { tool: 'email_send', code: 'tool.failed', userId: 3 }, page: { limit: 2 } }),
    ]);
  });
});

describe('parked events over HTTP', () => {
  it('are listed, replayed and dropped by their id', async () => {
    const parked = {
      workflowId: 7,
      revision: 4,
      handler: 'advance-run',
      eventType: 'StepSucceeded',
      tries: 40,
      reason: 'a defect',
      parkedAt: '2026-02-14T10:30:01.000Z',
    };
    http.answer((question) =>
      question instanceof ListParkedEvents ? { items: [parked], nextCursor: null } : { workflowId: 7, state: 'RUNNING', position: 9n },
    );
    expect(await send(`${http.url}/api/parked`)).toMatchObject({
      status: 200,
      body: {
        items: [
          {
            parked_id: '7.4.advance-run',
            workflow_id: 7,
            revision: 4,
            event_type: 'StepSucceeded',
            handler: 'advance-run',
            tries: 40,
            reason: 'a defect',
            parked_at: '2026-02-14T10:30:01.000Z',
          },
        ],
        next_cursor: null,
      },
    });
    const answer = { status: 200, body: { workflow_id: 7, state: 'RUNNING', position: '9' } };
    expect(await post('/api/parked/7.4.advance-run/replay', { user_id: 3 })).toMatchObject(answer);
    expect(await post('/api/parked/7.4.advance-run/drop')).toMatchObject(answer);
    expect(http.asked).toEqual([
      new ListParkedEvents({ page: { limit: 50 } }),
      new ReplayParkedEvent({ workflowId: 7, revision: 4, handler: 'advance-run', actor: USER, decidedBy: 3 }),
      new DropParkedEvent({ workflowId: 7, revision: 4, handler: 'advance-run', actor: ANONYMOUS }),
    ]);
  });

  it.each(['7', '7.4', '7.4.', '0.4.advance-run', '7.x.advance-run', '7.4.Advance', '99999999999999999.1.advance-run'])(
    'refuse the id %s',
    async (id) => {
      expect(await post(`/api/parked/${id}/drop`)).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
    },
  );
});

describe('the kill switch over HTTP', () => {
  it('pauses a tool, or everything, lists what is paused, and lifts it', async () => {
    const pause = { pauseId: 2, tool: 'email_send', since: '2026-02-14T10:30:01.000Z', decidedBy: 3, reason: 'too much' };
    const shown = { pause_id: 2, tool: 'email_send', since: '2026-02-14T10:30:01.000Z', set_by: 3, reason: 'too much' };
    http.answer((question) => (question instanceof ListPauses ? [pause] : pause));
    expect(await send(`${http.url}/api/pauses`)).toMatchObject({ status: 200, body: [shown] });
    expect(await post('/api/pauses', { tool: 'email_send', user_id: 3, reason: 'too much' })).toMatchObject({ status: 201, body: shown });
    expect(await post('/api/pauses')).toMatchObject({ status: 201 });
    expect(await send(`${http.url}/api/pauses/2?user_id=3`, { method: 'DELETE' })).toMatchObject({ status: 200, body: shown });
    await send(`${http.url}/api/pauses/2`, { method: 'DELETE', json: { user_id: 3, reason: 'over' } });
    expect(http.asked).toEqual([
      new ListPauses(),
      new SetPause({ tool: 'email_send', actor: USER, decidedBy: 3, reason: 'too much' }),
      new SetPause({ tool: null, actor: ANONYMOUS }),
      new LiftPause({ pauseId: 2, actor: USER, decidedBy: 3 }),
      new LiftPause({ pauseId: 2, actor: USER, decidedBy: 3, reason: 'over' }),
    ]);
    expect(await send(`${http.url}/api/pauses/x`, { method: 'DELETE' })).toMatchObject({ status: 400 });
  });
});
