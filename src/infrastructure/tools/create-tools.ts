import type { Clock } from '../../application/ports/clock.js';
import { ConfigurationError } from '../config/configuration-error.js';
import type { ToolSettings } from '../config/tool-settings.js';
import { CATALOGUE } from './catalogue.js';
import { configuredTool } from './configured-tool.js';
import { Outbox } from './outbox.js';
import { ToolRegistry } from './tool-registry.js';
import type { Tool } from './tool.js';

/**
 * The shipped tools, and others beside them.
 * @throws ConfigurationError where settings are about a tool that is not there
 * @param options.outboxDir absolute path of the folder in which they leave what they would send; created on first use
 */
export const createTools = ({
  outboxDir,
  clock,
  others = [],
  settings = new Map(),
}: {
  readonly outboxDir: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly others?: readonly Tool[];
  readonly settings?: ToolSettings;
}): ToolRegistry => {
  const tools = [...CATALOGUE, ...others];
  const unknown = [...settings.keys()].find((name) => name !== '*' && tools.every(({ manifest }) => manifest.name !== name));
  if (unknown !== undefined) throw new ConfigurationError(`The settings of tools are about "${unknown}", which is no tool.`);
  const configured = tools.map((tool) => configuredTool(tool, settings));
  return new ToolRegistry(configured, { outbox: new Outbox(outboxDir), clock });
};
