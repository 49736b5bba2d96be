/** Longest time a timer can be set to, in milliseconds. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;
