import { z } from 'zod';

const UNIT_MS = { s: 1_000, m: 60_000, h: 60 * 60_000, d: 24 * 60 * 60_000 } as const;
const DURATION = /^([1-9]\d{0,5})([smhd])$/;

/** Longest time that a configuration may name, in milliseconds: a year. */
const LONGEST_MS = 365 * UNIT_MS.d;

/** A time such as 90s, 15m, 4h or 2d, in milliseconds. */
export const duration = z
  .string()
  .regex(DURATION, 'takes a time such as 90s, 15m, 4h or 2d')
  .transform((text) => {
    const [, count, unit] = DURATION.exec(text)!;
    return Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
  })
  .refine((ms) => ms <= LONGEST_MS, 'takes a year at most');
