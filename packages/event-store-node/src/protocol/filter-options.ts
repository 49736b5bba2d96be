import { prefixFilter, regexFilter, type EventFilter } from '../log/event-filter.js';
import { invalid, unexpected } from './refusal.js';

interface Expression {
  getRegex(): string;
  getPrefixList(): string[];
}

/** The filter of reads and of consumer groups: two generated classes of one shape. */
export interface FilterOptions {
  getStreamIdentifier(): Expression | undefined;
  getEventType(): Expression | undefined;
  hasMax(): boolean;
  getMax(): number;
  hasCount(): boolean;
  getCheckpointintervalmultiplier(): number;
}

/** A filter in a form that can be kept. */
export interface FilterDefinition {
  readonly on: EventFilter['on'];
  /** Wins over the prefixes; empty where there is none. */
  readonly regex: string;
  readonly prefixes: readonly string[];
}

/** @throws INVALID_ARGUMENT where it filters neither streams nor types, or says nothing about its window. */
export function filterDefinition(options: FilterOptions): FilterDefinition {
  const onStream = options.getStreamIdentifier();
  const expression = onStream ?? options.getEventType();
  if (!expression) throw invalid('the filter is on neither the stream nor the event type');
  if (!options.hasMax() && !options.hasCount()) throw invalid("'None' is not a valid FilterOptions.WindowOneofCase");
  return { on: onStream ? 'stream' : 'type', regex: expression.getRegex(), prefixes: expression.getPrefixList() };
}

/** @throws UNKNOWN for a regular expression that is none. */
export function filterOf({ on, regex, prefixes }: FilterDefinition): EventFilter {
  if (regex === '') return prefixFilter(on, prefixes);
  try {
    return regexFilter(on, regex);
  } catch {
    throw unexpected();
  }
}

/** Records looked at in one go, where the request leaves it to the server. */
const DEFAULT_WINDOW = 32;

export const windowOf = (options: FilterOptions): number => (options.hasMax() ? options.getMax() : DEFAULT_WINDOW);
