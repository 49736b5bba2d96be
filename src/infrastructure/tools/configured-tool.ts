import type { ToolSettings } from '../config/tool-settings.js';
import type { Tool } from './tool.js';

/** The tool as it is configured: what is said of all tools, then what is said of this one, in place of what it says of itself. */
export function configuredTool(tool: Tool, settings: ToolSettings): Tool {
  const { manifest } = tool;
  const of = [settings.get('*') ?? {}, settings.get(manifest.name) ?? {}];
  const retry = Object.assign({ ...manifest.retry }, ...of.map((one) => one.retry)) as typeof manifest.retry;
  return { ...tool, manifest: { ...manifest, ...of[0], ...of[1], retry } };
}
