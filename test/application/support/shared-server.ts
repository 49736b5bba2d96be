import type { Delivery, EventFeed } from '../../../src/application/ports/event-feed.js';
import type { Leases } from '../../../src/application/nodes/leases.js';
import type { TestStore } from './test-store.js';

/** As a server hands out events: it asks nobody who is at work on them. @param isForUs false: the delivery goes to another node */
export function feedOfServer(store: TestStore, isForUs: (delivery: Delivery) => boolean = () => true): EventFeed {
  const { feed } = store;
  return {
    subscribe: (options) => feed.subscribe(options),
    join: async (group, handler) => {
      const consumer = await feed.join(group, {
        deliver: (delivery) => (isForUs(delivery) ? handler.deliver(delivery) : Promise.resolve({ kind: 'ack' })),
      });
      return { stop: () => consumer.stop(), abandon: () => consumer.abandon() };
    },
  };
}

/** Nobody has gone, and everybody has the lease. */
export const EVERYBODY_LIVES: Leases = {
  isShared: true,
  hasOthers: () => true,
  isHeld: () => true,
  isGone: () => Promise.resolve(false),
  onLost: () => () => undefined,
  nextLook: () => new Promise<void>((resolve) => setTimeout(resolve, 20)),
};
