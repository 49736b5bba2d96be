import { lengthOf } from './time';

const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });
const decimal = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

/** What there is no figure of. */
const NONE = '–';

export const rateOf = (rate: number | null): string => (rate === null ? NONE : percent.format(rate));
export const lengthOrNone = (ms: number | null): string => (ms === null ? NONE : lengthOf(ms));
export const numberOf = (count: number | null): string => (count === null ? NONE : decimal.format(count));
