import type { Clock } from '../../application/ports/clock.js';
import { CATALOGUE } from './catalogue.js';
import { Outbox } from './outbox.js';
import { ToolRegistry } from './tool-registry.js';
import type { Tool } from './tool.js';

/**
 * The shipped tools, and others beside them.
 * @param options.outboxDir absolute path of the folder in which they leave what they would send; created on first use
 */
export const createTools = ({
  outboxDir,
  clock,
  others = [],
}: {
  readonly outboxDir: string;
  readonly clock: Clock;
  readonly others?: readonly Tool[];
}): ToolRegistry => new ToolRegistry([...CATALOGUE, ...others], { outbox: new Outbox(outboxDir), clock });
