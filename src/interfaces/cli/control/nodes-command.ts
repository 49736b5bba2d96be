import type { Command } from 'commander';
import { ApiClient, type NodeDto } from '../api-client.js';
import { withUrl } from './run-commands.js';

const line = ({ worker, version, lease, running, capacity, is_self: isSelf, started_at: started }: NodeDto): string =>
  `${worker}${isSelf ? ' (answers)' : ''}: version ${version}, since ${started}, lease ${lease}, runs ${running} of ${capacity} steps`;

/** Adds `lifeos nodes`. */
export function defineNodesCommand(program: Command, say: (line: string) => void): void {
  withUrl(program.command('nodes').description('list the nodes that share the event store')).action(
    async ({ url }: { readonly url: string }) => {
      for (const node of (await new ApiClient(url).nodes()).items) say(line(node));
    },
  );
}
