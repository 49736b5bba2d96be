import { until } from '@lifeos/test-support';
import { BackgroundLoops } from '../../../src/application/background-loops.js';
import { Cancellations } from '../../../src/application/execution/cancellations.js';
import type { EventFeed, FeedItem, FeedSubscription } from '../../../src/application/ports/event-feed.js';
import { EventLogUnavailable } from '../../../src/application/ports/event-log.js';
import { CancelWorkflow } from '../../../src/application/workflow/cancel-workflow.command.js';
import { SubmitIntent } from '../../../src/application/workflow/submit-intent.command.js';
import { LogRecorder } from '../support/log-recorder.js';
import { applicationsOver, type TestApplication } from '../support/test-application.js';
import { sharedStore } from '../support/test-store.js';
import { testTool, toolsOf } from '../support/test-tools.js';

const store = sharedStore();
const application = applicationsOver(store);
const actor = { kind: 'user', id: '7', authenticated: false } as const;

/** The store's feed, whose subscriptions break when a test says so. */
class BreakingFeed implements EventFeed {
  readonly starts: unknown[] = [];
  private readonly breaks = new Set<() => void>();

  constructor(private readonly feed: EventFeed) {}

  break(): void {
    for (const breakOff of this.breaks) breakOff();
  }

  join(...of: Parameters<EventFeed['join']>): ReturnType<EventFeed['join']> {
    return this.feed.join(...of);
  }

  subscribe(options: Parameters<EventFeed['subscribe']>[0]): FeedSubscription {
    this.starts.push(options.from);
    const subscription = this.feed.subscribe(options);
    const { breaks } = this;
    return {
      close: () => subscription.close(),
      async *[Symbol.asyncIterator](): AsyncGenerator<FeedItem, void> {
        let broken = false;
        const breakOff = (): void => {
          broken = true;
          void subscription.close();
        };
        breaks.add(breakOff);
        yield* subscription;
        breaks.delete(breakOff);
        if (broken) throw new EventLogUnavailable('the subscription broke');
      },
    };
  }
}

const submit = (app: TestApplication, tool: string) =>
  app.execute(
    new SubmitIntent({
      userId: 7,
      plan: { steps: [{ key: 'a', name: 'A', tool, args: { text: 'a' }, dependsOn: [] }] },
      actor,
    }),
  );

it('are told, those of before not, and each once although the feed breaks', async () => {
  const app = await application();
  const feed = new BreakingFeed(store().feed);
  const logger = new LogRecorder();
  const heard: number[] = [];
  const ids: number[] = [];
  for (let n = 0; n < 4; n++) ids.push((await submit(app, 'echo')).workflowId);
  const cancel = (n: number) => app.execute(new CancelWorkflow({ workflowId: ids[n]!, actor }));
  await cancel(0);
  const cancellations = new Cancellations(feed, (workflowId) => heard.push(workflowId), new BackgroundLoops(logger));
  cancellations.listen(await store().log.headPosition());
  await cancel(1);
  await until('the first', () => heard.length === 1);
  feed.break();
  await until('the break', () => logger.lines.length === 1);
  await cancel(2);
  await until('the second', () => heard.length === 2);
  await cancel(3);
  await until('the third', () => heard.length === 3);
  expect(heard).toEqual(ids.slice(1));
  expect(feed.starts).toHaveLength(2);
  await cancellations.close();
});

it('abort the running step of a cancelled run, also after their feed broke', async () => {
  const aborted: string[] = [];
  const waiting = testTool('waiting', async (text, { signal }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    aborted.push(text);
    return { text };
  });
  const feed = new BreakingFeed(store().feed);
  const app = await application({ tools: toolsOf(waiting), feed });
  await app.startSagas();
  await app.startExecutor();
  const { workflowId } = await submit(app, 'waiting');
  await until('the step to run', async () => (await store().typesOf(workflowId)).includes('StepStarted'));
  feed.break();
  await app.execute(new CancelWorkflow({ workflowId, actor }));
  await until('the abort', () => aborted.length === 1);
  expect(app.logger.said('error', 'cancellations')).toHaveLength(1);
});

it('end with close, during a pause too', async () => {
  const feed = new BreakingFeed(store().feed);
  const logger = new LogRecorder();
  const cancellations = new Cancellations(feed, () => undefined, new BackgroundLoops(logger));
  cancellations.listen(await store().log.headPosition());
  await until('the subscription', () => feed.starts.length === 1);
  feed.break();
  await until('the break', () => logger.lines.length === 1);
  await cancellations.close();
  expect(feed.starts).toHaveLength(1);
});
