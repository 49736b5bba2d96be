import fc from 'fast-check';
import { deliveryIdOf, deliveryStream } from '../../../src/application/notifications/delivery-codec.js';
import type { RecordedEvent } from '../../../src/application/ports/event-log.js';
import type { JsonObject } from '../../../src/domain/json.js';
import { decideDelivery, evolveDelivery, type DeliveryCommand, type DeliveryState } from '../../../src/domain/notification/delivery.js';
import type { Database } from '../../../src/infrastructure/read-models/database/database.js';
import { DatabaseDeliveriesReader } from '../../../src/infrastructure/read-models/deliveries/deliveries.reader.js';
import { emptyAll } from './support/databases.js';
import { project } from './support/projecting.js';
import { START } from './support/run.js';

const time = (n: number): string => new Date(START + n * 60_000).toISOString();
const idOf = (n: number): string => deliveryIdOf(n, 'event');

/** One log of what happens to messages: the nth is to channel n. */
class History {
  readonly log: RecordedEvent[] = [];
  readonly states = new Map<number, DeliveryState>();
  private now = 0;

  plan(n: number, change: { readonly type?: 'test'; readonly digestId?: string } = {}): this {
    const { type = 'dead_letter', ...more } = change;
    const notification = { type, at: time(n), title: `Message ${n}`, page: '/', data: { workflow_id: n } } as const;
    return this.do(n, { type: 'PlanDelivery', data: { channelId: n, notification, dueAt: time(n), ...more } });
  }

  do(n: number, command: DeliveryCommand): this {
    this.now += 30;
    const streamId = deliveryStream(idOf(n));
    for (const event of decideDelivery(idOf(n), command, this.states.get(n), time(this.now))) {
      this.states.set(n, evolveDelivery(this.states.get(n), event));
      const revision = this.log.filter((recorded) => recorded.streamId === streamId).length;
      const position = BigInt(100 + this.log.length * 7);
      const data = event.data as unknown as JsonObject;
      this.log.push({ id: `${streamId}/${revision}`, streamId, revision, position, type: event.type, data, metadata: {} });
    }
    return this;
  }
}

const command = fc.oneof(
  fc.constant<DeliveryCommand>({ type: 'BeginTry', data: { worker: 'w' } }),
  fc.constant<DeliveryCommand>({ type: 'Redeliver', data: {} }),
  fc.constant<DeliveryCommand>({ type: 'DropDelivery', data: { reason: 'no more' } }),
  fc.integer({ min: 1, max: 4 }).map((n): DeliveryCommand => ({ type: 'RecordSuccess', data: { try: n, outcome: { statusCode: 204 } } })),
  fc.integer({ min: 1, max: 4 }).map((n): DeliveryCommand => {
    return { type: 'RecordFailure', data: { try: n, outcome: { error: 'away' }, jitter: 0, isFinal: n === 4 } };
  }),
);

/** What the read model of messages makes of a history. */
export function describeDeliveries(database: () => Database): void {
  const deliveries = () => new DatabaseDeliveriesReader(database());

  it('equal the fold of the log, in batches of any size (invariant 27)', async () => {
    const moves = fc.array(fc.tuple(fc.integer({ min: 1, max: 2 }), command), { maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(moves, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }), async (all, sizes) => {
        await emptyAll(database());
        const history = new History().plan(1).plan(2);
        for (const [n, move] of all) history.do(n, move);
        await project(database(), history.log, sizes);
        const { items } = await deliveries().list({}, { limit: 10 });
        expect(items.map(({ deliveryId, channelId, state, dueAt, tries }) => [deliveryId, channelId, state, dueAt, tries.length])).toEqual(
          [2, 1].map((n) => {
            const { status, dueAt, tries } = history.states.get(n)!;
            return [idOf(n), n, status, dueAt, tries];
          }),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('tell of their tries', async () => {
    const history = new History()
      .plan(1)
      .do(1, { type: 'BeginTry', data: { worker: 'w' } })
      .do(1, { type: 'RecordFailure', data: { try: 1, outcome: { statusCode: 503, error: 'answered 503' }, jitter: 0 } })
      .do(1, { type: 'BeginTry', data: { worker: 'w' } })
      .do(1, { type: 'RecordSuccess', data: { try: 2, outcome: { statusCode: 204 } } });
    await project(database(), history.log);
    const { items } = await deliveries().list({ channelId: 1, state: 'delivered' }, { limit: 10 });
    expect(items).toEqual([
      {
        ...{
          deliveryId: idOf(1),
          channelId: 1,
          type: 'dead_letter',
          title: 'Message 1',
          workflowId: 1,
          state: 'delivered',
          digestId: null,
        },
        ...{ plannedAt: time(30), dueAt: null, deliveredAt: time(150), reason: null },
        tries: [
          { try: 1, begunAt: time(60), endedAt: time(90), statusCode: 503, error: 'answered 503' },
          { try: 2, begunAt: time(120), endedAt: time(150), statusCode: 204, error: null },
        ],
      },
    ]);
    expect([await deliveries().lastSuccessAt(1), await deliveries().lastSuccessAt(2)]).toEqual([time(150), null]);
  });

  it('are due soonest first, but for those of channels that are held, and are listed a page at a time', async () => {
    const history = new History()
      .plan(3)
      .plan(1)
      .plan(2)
      .plan(4, { type: 'test' })
      .plan(5, { digestId: idOf(9) });
    await project(database(), history.log);
    const due = async (...asked: Parameters<DatabaseDeliveriesReader['due']>): Promise<number[]> =>
      (await deliveries().due(...asked)).map(({ channelId }) => channelId);
    expect(await due([], [], [], 10)).toEqual([1, 2, 3, 4]);
    expect(await due([], [], [], 2)).toEqual([1, 2]);
    expect(await due([], [1, 4], [idOf(3)], 10)).toEqual([2, 4]);
    expect(await due([4], [1, 4], [], 10)).toEqual([2, 3]);
    const first = await deliveries().list({}, { limit: 3 });
    const second = await deliveries().list({}, { limit: 3, cursor: first.nextCursor! });
    expect([first, second].map(({ items }) => items.map(({ channelId }) => channelId))).toEqual([
      [5, 4, 2],
      [1, 3],
    ]);
    expect(first.items[0]).toMatchObject({ state: 'in_digest', digestId: idOf(9), dueAt: null });
  });
}
