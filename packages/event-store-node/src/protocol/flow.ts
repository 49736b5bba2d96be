import type { Writable } from 'node:stream';

interface Call<Message> extends Writable {
  readonly cancelled: boolean;
  write(message: Message): boolean;
}

/** Writes a message; where the reader is slow, waits until it has taken what was written, so that memory stays bounded. */
export function send<Message>(call: Call<Message>, message: Message): Promise<void> | void {
  if (call.write(message) || call.cancelled || call.destroyed) return;
  return drained(call);
}

/** Resolves when a call that answered `false` to a write takes more, or is over. */
export const drained = (call: Writable): Promise<void> =>
  new Promise((resolve) => {
    const events = ['drain', 'close', 'error', 'cancelled'];
    const done = (): void => {
      for (const event of events) call.off(event, done);
      resolve();
    };
    for (const event of events) call.on(event, done);
  });
