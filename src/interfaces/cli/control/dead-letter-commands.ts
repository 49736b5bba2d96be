import type { Command } from 'commander';
import { ApiClient, type DeadLetterDto } from '../api-client.js';
import { idArgument, jsonArgument } from '../arguments.js';
import { actOf, withAct, withUrl, type ActFlags } from './run-commands.js';

interface FilterFlags {
  readonly url: string;
  readonly tool?: string;
  readonly code?: string;
  readonly of?: number;
}

const withFilter = (command: Command): Command =>
  command
    .option('--tool <name>', 'only steps of this tool')
    .option('--code <code>', 'only steps whose error has this code')
    .option('--of <user-id>', 'only steps of runs of this user', idArgument);

const filterOf = ({ tool, code, of }: FilterFlags) => ({
  ...(tool === undefined ? {} : { tool }),
  ...(code === undefined ? {} : { code }),
  ...(of === undefined ? {} : { user_id: of }),
});

function linesOf(letter: DeadLetterDto): readonly string[] {
  const { workflow_id: workflowId, step_id: stepId, step_name: name, tool, intent, error, attempts, dead_lettered_at: at, args } = letter;
  const doubt = error.effect === 'none' ? '' : ` (its effect: ${error.effect})`;
  return [
    `run ${workflowId}, step ${stepId}: ${name} [${tool}], ${attempts} attempt${attempts === 1 ? '' : 's'}, since ${at}`,
    `    ${intent}`,
    `    ${error.code}: ${error.message}${doubt}`,
    `    ${JSON.stringify(args)}`,
  ];
}

/** Adds what a person does about dead letters below `lifeos dead-letters`. */
export function defineDeadLetterCommands(letters: Command, say: (line: string) => void): void {
  withFilter(withUrl(letters.command('list', { isDefault: true }).description('list the steps that wait'))).action(
    async (flags: FilterFlags) => {
      let found = 0;
      for await (const letter of new ApiClient(flags.url).deadLetters(filterOf(flags))) {
        found++;
        for (const line of linesOf(letter)) say(line);
      }
      if (found === 0) say('There are no dead letters.');
    },
  );

  const ofStep = (name: string, description: string): Command =>
    withAct(
      letters
        .command(name)
        .description(description)
        .argument('<workflow-id>', 'the run', idArgument)
        .argument('<step-id>', 'its step', idArgument),
    );
  const decide = async (action: 'retry' | 'skip' | 'complete', workflowId: number, stepId: number, flags: ActFlags, more: object = {}) => {
    const { state } = await new ApiClient(flags.url).decideLetter(workflowId, stepId, action, { ...actOf(flags), ...more });
    say(`Step ${stepId} of run ${workflowId} is ${state}.`);
  };

  ofStep('retry', 'have a step tried again')
    .option('--args <json>', 'complete arguments in place of its own', jsonArgument)
    .action((workflowId: number, stepId: number, flags: ActFlags & { readonly args?: unknown }) =>
      decide('retry', workflowId, stepId, flags, flags.args === undefined ? {} : { args: flags.args }),
    );
  ofStep('skip', 'go on without a step and what depends on it').action((workflowId: number, stepId: number, flags: ActFlags) =>
    decide('skip', workflowId, stepId, flags),
  );
  ofStep('complete', 'say that a step is done, and with what output')
    .requiredOption('--output <json>', "the output, as the tool's schema wants it", jsonArgument)
    .action((workflowId: number, stepId: number, flags: ActFlags & { readonly output: unknown }) =>
      decide('complete', workflowId, stepId, flags, { output: flags.output }),
    );

  for (const [name, action] of [
    ['retry-all', 'retry'],
    ['skip-all', 'skip'],
    ['give-up-all', 'give-up'],
  ] as const) {
    const what =
      action === 'give-up' ? 'end as failed every run with a step that the options find' : `${action} every step that the options find`;
    withFilter(withAct(letters.command(name).description(what).option('--all', 'every step there is'))).action(
      async (flags: ActFlags & FilterFlags & { readonly all?: boolean }) => {
        const isNarrow = Object.keys(filterOf(flags)).length > 0;
        if (isNarrow === (flags.all === true)) throw new Error('say which: --tool, --code or --of, or --all.');
        const { done, failed, more } = await new ApiClient(flags.url).decideLetters({ action, filter: filterOf(flags), ...actOf(flags) });
        say(`${done} decided, ${failed.length} not.`);
        for (const { workflow_id: workflowId, step_id: stepId, detail } of failed) say(`    run ${workflowId}, step ${stepId}: ${detail}`);
        if (more) say('There are more: repeat it.');
      },
    );
  }
}
