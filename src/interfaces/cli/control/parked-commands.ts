import type { Command } from 'commander';
import { ApiClient } from '../api-client.js';
import { actOf, withAct, withUrl, type ActFlags } from './run-commands.js';

/** Adds what a person does about parked events below `lifeos parked`. */
export function defineParkedCommands(parked: Command, say: (line: string) => void): void {
  withUrl(parked.command('list', { isDefault: true }).description('list them')).action(async ({ url }: { readonly url: string }) => {
    let found = 0;
    for await (const { parked_id: id, event_type: type, tries, reason, parked_at: at } of new ApiClient(url).parkedEvents()) {
      found++;
      say(`${id}: ${type}, ${tries} tries, since ${at}`);
      say(`    ${reason}`);
    }
    if (found === 0) say('There are no parked events.');
  });
  for (const [action, description] of [
    ['replay', 'have it dealt with after all, where the cause has gone'],
    ['drop', 'leave it as it is'],
  ] as const) {
    withAct(parked.command(action).description(description).argument('<parked-id>', 'as the list names it')).action(
      async (id: string, flags: ActFlags) => {
        const { state } = await new ApiClient(flags.url).settleParked(id, action, actOf(flags));
        say(`Done; the run is ${state}.`);
      },
    );
  }
}
