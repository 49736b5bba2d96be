import type { Delivery, Verdict } from '../../../../src/application/ports/event-feed.js';
import { numberOf } from './sample-events.js';

/** A handler that keeps what it was given and decides as the test says. */
export class ConsumerRecorder {
  readonly deliveries: Delivery[] = [];
  atOnce = 0;
  mostAtOnce = 0;

  constructor(private readonly decide: (delivery: Delivery) => Verdict | Promise<Verdict> = () => ({ kind: 'ack' })) {}

  readonly deliver = async (delivery: Delivery): Promise<Verdict> => {
    this.deliveries.push(delivery);
    this.atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
    try {
      return await this.decide(delivery);
    } finally {
      this.atOnce -= 1;
    }
  };

  get numbers(): number[] {
    return this.deliveries.map(({ event }) => numberOf(event));
  }

  get distinct(): number[] {
    return [...new Set(this.numbers)].sort((a, b) => a - b);
  }
}

/** A promise to be settled by the test. */
export function gate(): { readonly opened: Promise<void>; open: () => void } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}
