import type { LocalNode } from '@lifeos/event-store-node';
import { BackgroundLoops } from '../../../application/background-loops.js';
import type { Logger } from '../../../application/ports/logger.js';
import type { EventStoreConnection } from '../shared/connection.js';
import type { ConsumerPauses } from './in-process-consumer.js';
import { InProcessEventFeed } from './in-process-event-feed.js';
import { InProcessEventLog } from './in-process-event-log.js';

const PAUSES: ConsumerPauses = { firstRetryPauseMs: 100, longestRetryPauseMs: 5_000, firstReplayMs: 60_000, longestReplayMs: 60 * 60_000 };

/** Uses a node in this thread without its protocol. */
export function openInProcess(
  { log: streams, groups }: LocalNode,
  {
    logger,
    loops = new BackgroundLoops(logger),
    pauses = PAUSES,
  }: { readonly logger: Logger; readonly loops?: BackgroundLoops; readonly pauses?: ConsumerPauses },
): EventStoreConnection {
  const log = new InProcessEventLog(streams);
  const feed = new InProcessEventFeed(streams, groups, log, pauses, logger, loops);
  return {
    log,
    feed,
    silence: log,
    firstAnswer: () => log.headPosition(),
    close: async () => {
      await feed.close();
      log.close();
    },
  };
}
