import type { Command } from 'commander';
import { ApiClient, type AlertDto } from '../api-client.js';
import { withUrl } from './run-commands.js';

const line = ({ name, detail, began_at: began, ended_at: ended }: AlertDto): string =>
  ended === null ? `${name}, since ${began}: ${detail}` : `${name}, from ${began} to ${ended}: ${detail}`;

/** Adds `lifeos alerts`. */
export function defineAlertCommand(program: Command, say: (line: string) => void): void {
  withUrl(
    program.command('alerts').description('list alerts: what goes on, and what is over').option('--ended', 'those that are over'),
  ).action(async ({ url, ended }: { readonly url: string; readonly ended?: boolean }) => {
    const alerts = await new ApiClient(url).alerts();
    const listed = ended ? alerts.ended : alerts.active;
    for (const alert of listed) say(line(alert));
    if (listed.length === 0) say(ended ? 'No alert is over.' : 'There is no alert.');
  });
}
