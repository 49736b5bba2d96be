import type { EventFeed } from './ports/event-feed.js';

/**
 * Whether the log holds no event of the streams after one position and up to another. The log's end may be an event that no read model takes, which the checkpoint of a read model
 * need not reach.
 * @param timeoutMs how long the look may take; one that takes longer found nothing out, and answers false
 */
export async function nothingBetween(
  feed: EventFeed,
  after: bigint,
  upTo: bigint,
  streamPrefix: string | readonly string[],
  timeoutMs: number,
): Promise<boolean> {
  const subscription = feed.subscribe({ from: after === 0n ? 'start' : { after }, streamPrefix });
  const timer = setTimeout(() => void subscription.close(), timeoutMs);
  try {
    for await (const item of subscription) {
      if (item.kind === 'events') return item.events[0]!.position > upTo;
      if (item.kind === 'caught-up' || item.position >= upTo) return true;
    }
    return false;
  } finally {
    clearTimeout(timer);
    await subscription.close();
  }
}
