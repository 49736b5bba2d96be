/** Imported before anything else, makes the wall clock of this process one that the test sets ahead and back: whatever asks for the time is told another one. The monotonic clock goes on as it was. */
import { trueNow } from './true-time.js';

/** What the test says, and is answered with once it holds. */
export interface ClockSetting {
  /** Milliseconds that the wall clock is ahead of the true time; negative where it is behind. */
  readonly aheadMs: number;
}

const TrueDate = Date;
let aheadMs = 0;

const shownNow = (): number => trueNow() + aheadMs;

globalThis.Date = new Proxy(TrueDate, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [shownNow()] : args, newTarget) as Date,
  apply: () => new TrueDate(shownNow()).toString(),
  get: (target, name, receiver) => (name === 'now' ? shownNow : (Reflect.get(target, name, receiver) as unknown)),
});

process.on('message', (setting: ClockSetting) => {
  ({ aheadMs } = setting);
  process.send!(setting);
});
