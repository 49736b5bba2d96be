import { Inject, Injectable } from '@nestjs/common';
import { ApplicationError } from '../application.errors.js';
import type { AnalyticsQuestion } from '../ports/analytics.js';
import { CALENDAR, type Bucket, type Calendar } from '../ports/calendar.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import type { Freshness } from './freshness.js';

/** What somebody wants figures of. Times are milliseconds since the Unix epoch. */
export interface AskedPeriod extends Freshness {
  /** Absent: seven days before its end. */
  readonly from?: number;
  /** Absent: now. */
  readonly to?: number;
  /** Absent: the period is not divided. */
  readonly bucket?: Bucket;
  readonly timeZone: string;
  readonly userId?: number;
}

/** A part of a period, up to the next one. */
export interface PeriodPart {
  readonly start: number;
  readonly end: number;
}

export interface AnswerOfPeriod<T> {
  readonly from: number;
  readonly to: number;
  readonly parts: readonly PeriodPart[];
  readonly figures: T;
}

/** Where nobody says how long, in milliseconds. */
const STANDARD_PERIOD_MS = 7 * 24 * 60 * 60 * 1_000;
export const MOST_BUCKETS = 1_000;

@Injectable()
export class AnalyticsPeriods {
  constructor(
    @Inject(CALENDAR) private readonly calendar: Calendar,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws ApplicationError analytics.invalid-period */
  async answer<T>(asked: AskedPeriod, read: (question: AnalyticsQuestion) => Promise<T>): Promise<AnswerOfPeriod<T>> {
    const to = asked.to ?? this.clock.now();
    const from = asked.from ?? to - STANDARD_PERIOD_MS;
    if (from >= to) throw new ApplicationError('analytics.invalid-period', 'The period has no length: from must be before to.');
    const starts = this.startsIn(from, to, asked);
    const figures = await read({ from, to, starts, ...(asked.userId === undefined ? {} : { userId: asked.userId }) });
    return { from, to, parts: starts.map((start, index) => ({ start, end: starts[index + 1] ?? to })), figures };
  }

  private startsIn(from: number, to: number, { bucket, timeZone }: AskedPeriod): readonly number[] {
    const starts = [from];
    if (bucket === undefined) return starts;
    for (let next = this.calendar.nextStart(bucket, timeZone, from); next < to; next = this.calendar.nextStart(bucket, timeZone, next)) {
      if (starts.length === MOST_BUCKETS)
        throw new ApplicationError(
          'analytics.invalid-period',
          `The period has more than ${MOST_BUCKETS.toLocaleString('en')} parts (bucket=${bucket}): ask for a shorter period${bucket === 'week' ? '' : ', or for larger parts'}.`,
        );
      starts.push(next);
    }
    return starts;
  }
}
