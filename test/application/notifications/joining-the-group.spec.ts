import { until } from '@lifeos/test-support';
import type { EventFeed } from '../../../src/application/ports/event-feed.js';
import { CreateChannel } from '../../../src/application/notifications/create-channel.command.js';
import { NOTIFICATION_SENDER, SECRET_STORE } from '../../../src/application/ports/notifications.js';
import { DELIVERIES_READER, READ_MODEL_PROGRESS } from '../../../src/application/ports/read-models.js';
import { ChannelSender } from '../../../src/infrastructure/notifications/channel-sender.js';
import { ACTOR, step, submitPlan } from '../support/submissions.js';
import { TestApplication } from '../support/test-application.js';
import { TestStore } from '../support/test-store.js';
import { FoldedDeliveries } from './support/folded-deliveries.js';

/** Nothing is sent here. */
const done = (): Promise<void> => Promise.resolve();
const SECRETS = { put: done, get: done, remove: done, tidy: done };

describe('joining the group that tells channels', () => {
  let store: TestStore;
  let app: TestApplication;
  const joined: string[] = [];
  beforeEach(async () => {
    store = await TestStore.start();
    joined.length = 0;
    const { feed } = store;
    const watched: EventFeed = {
      subscribe: (options) => feed.subscribe(options),
      join: (group, handler) => {
        joined.push(group.name);
        return feed.join(group, handler);
      },
    };
    const reader = new FoldedDeliveries(() => store);
    const others = new Map<symbol, object>([
      [DELIVERIES_READER, reader],
      [READ_MODEL_PROGRESS, reader],
      [NOTIFICATION_SENDER, new ChannelSender({ privateNetworks: true })],
      [SECRET_STORE, SECRETS],
    ]);
    app = await TestApplication.create(store, { feed: watched, others });
  });
  afterEach(async () => {
    await app.close();
    await store.dispose();
  });

  const create = () => app.execute(new CreateChannel({ kind: 'webhook', address: 'http://127.0.0.1:9/', actor: ACTOR }));

  it('is done as soon as there is a channel, and not before', async () => {
    await app.startNotifications();
    await app.notifications.idle();
    expect(joined).toEqual([]);
    await create();
    await until('it has joined', () => joined.length > 0);
    expect(joined).toEqual(['tell-channels']);
  });

  it('tells of what happened between the first channel and the joining, and of nothing before it', async () => {
    const planned: bigint[] = [];
    await submitPlan(app, step('before'));
    await create();
    const plan = app.planner.plan.bind(app.planner);
    app.planner.plan = async (event) => {
      planned.push(event.position);
      await plan(event);
    };
    const { workflowId } = await submitPlan(app, step('after'));
    await app.startSagas();
    await until('the run is planned', async () => (await store.typesOf(workflowId)).includes('WorkflowPlanned'));
    const { position } = (await store.eventsOf(workflowId)).find(({ type }) => type === 'WorkflowPlanned')!;
    await app.startNotifications();
    await until('it is told of', () => planned.includes(position));
    const { position: last } = (await store.eventsOf(1)).at(-1)!;
    expect(planned.filter((at) => at <= last && at < position)).toEqual([]);
  });
});
