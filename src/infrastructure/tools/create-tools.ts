import type { Clock } from '../../application/ports/clock.js';
import { CATALOGUE } from './catalogue.js';
import { Outbox } from './outbox.js';
import { ToolRegistry } from './tool-registry.js';

/**
 * The shipped tools.
 * @param options.outboxDir absolute path of the folder in which they leave what they would send; created on first use
 */
export const createTools = ({ outboxDir, clock }: { readonly outboxDir: string; readonly clock: Clock }): ToolRegistry =>
  new ToolRegistry(CATALOGUE, { outbox: new Outbox(outboxDir), clock });
