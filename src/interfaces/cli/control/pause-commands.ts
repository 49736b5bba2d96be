import type { Command } from 'commander';
import { ApiClient, type PauseDto } from '../api-client.js';
import { idArgument } from '../arguments.js';
import { actOf, withAct, withUrl, type ActFlags } from './run-commands.js';

const nameOf = ({ tool }: PauseDto): string => tool ?? 'everything';

/** Adds the kill switch below `lifeos pauses`. */
export function definePauseCommands(pauses: Command, say: (line: string) => void): void {
  withUrl(pauses.command('list', { isDefault: true }).description('list what is paused')).action(
    async ({ url }: { readonly url: string }) => {
      const set = await new ApiClient(url).pauses();
      for (const pause of set) {
        const { pause_id: id, since, set_by: by, reason } = pause;
        say(`${id}: ${nameOf(pause)} since ${since}${by === null ? '' : `, by user ${by}`}${reason === null ? '' : `: ${reason}`}`);
      }
      if (set.length === 0) say('Nothing is paused.');
    },
  );
  withAct(
    pauses
      .command('set')
      .description('start no step of a tool, or of any, until it is lifted')
      .option('--tool <name>', 'steps of this tool')
      .option('--everything', 'steps of every tool'),
  ).action(async (flags: ActFlags & { readonly tool?: string; readonly everything?: boolean }) => {
    if ((flags.tool === undefined) === (flags.everything !== true)) throw new Error('say what is paused: --tool <name> or --everything.');
    const pause = await new ApiClient(flags.url).setPause({ ...actOf(flags), ...(flags.tool === undefined ? {} : { tool: flags.tool }) });
    say(`Pause ${pause.pause_id}: ${nameOf(pause)}.`);
  });
  withAct(pauses.command('lift').description('let steps go on').argument('<pause-id>', 'the pause', idArgument)).action(
    async (pauseId: number, flags: ActFlags) => {
      say(`${nameOf(await new ApiClient(flags.url).liftPause(pauseId, actOf(flags)))} goes on.`);
    },
  );
}
