import { Option, type Command } from 'commander';
import { ApiClient } from '../api-client.js';
import { httpUrl, idArgument } from '../arguments.js';

/** Where `npm start` serves. */
const STANDARD_URL = 'http://127.0.0.1:8000';

/** What every command takes that asks a running engine. */
export const withUrl = (command: Command): Command =>
  command.addOption(new Option('--url <address>', 'the engine').argParser(httpUrl).env('LIFEOS_URL').default(STANDARD_URL));

/** The same, for one that does something: who does it, and why. */
export const withAct = (command: Command): Command =>
  withUrl(command).option('--reason <text>', 'why, for the timeline').option('--user <id>', 'who does it', idArgument);

export interface ActFlags {
  readonly url: string;
  readonly reason?: string;
  readonly user?: number;
}

export const actOf = ({ reason, user }: ActFlags): { readonly reason?: string; readonly user_id?: number } => ({
  ...(reason === undefined ? {} : { reason }),
  ...(user === undefined ? {} : { user_id: user }),
});

const RUN_COMMANDS = [
  ['pause', 'start nothing new in a run until it is resumed'],
  ['resume', 'let a paused run go on'],
  ['give-up', 'end a run as failed'],
] as const;

/** Adds `lifeos cancel`, `pause`, `resume`, `give-up`, `compensate` and `rerun`. */
export function defineRunCommands(program: Command, say: (line: string) => void): void {
  for (const [name, description] of RUN_COMMANDS) {
    withAct(program.command(name).description(description).argument('<workflow-id>', 'the run', idArgument)).action(
      async (workflowId: number, flags: ActFlags) => {
        const { state } = await new ApiClient(flags.url).control(workflowId, name, actOf(flags));
        say(`Run ${workflowId} is ${state}.`);
      },
    );
  }
  withAct(
    program
      .command('cancel')
      .description('end a run: nothing new starts, and what runs is told to stop')
      .argument('<workflow-id>', 'the run', idArgument),
  )
    .option('--compensate', 'undo what its steps have done, as far as their tools declare how')
    .action(async (workflowId: number, flags: ActFlags & { readonly compensate?: boolean }) => {
      const compensate = flags.compensate ? { compensate: true } : {};
      const { state } = await new ApiClient(flags.url).control(workflowId, 'cancel', { ...actOf(flags), ...compensate });
      say(`Run ${workflowId} is ${state}.`);
    });
  withAct(
    program.command('compensate').description('undo what a finished run did').argument('<workflow-id>', 'the run', idArgument),
  ).action(async (workflowId: number, flags: ActFlags) => {
    const run = await new ApiClient(flags.url).compensate(workflowId, actOf(flags));
    say(`Run ${run.workflow_id} undoes run ${workflowId}.`);
  });
  withAct(
    program.command('rerun').description('run a finished run again, as a run of its own').argument('<workflow-id>', 'the run', idArgument),
  )
    .option('--from <keys...>', 'these steps and what depends on them; else those that have not succeeded')
    .action(async (workflowId: number, flags: ActFlags & { readonly from?: readonly string[] }) => {
      const run = await new ApiClient(flags.url).rerun(workflowId, { ...actOf(flags), ...(flags.from && { from: flags.from }) });
      say(`Run ${run.workflow_id} runs run ${workflowId} again.`);
    });
}
