import type { Command } from 'commander';
import { ApiClient, type ScheduleDto } from '../api-client.js';
import { idArgument } from '../arguments.js';
import { actOf, withAct, withUrl, type ActFlags } from './run-commands.js';

const dueOf = ({ next_at: nextAt }: Pick<ScheduleDto, 'next_at'>): string => (nextAt === null ? '' : `, next at ${nextAt}`);

interface NewScheduleFlags {
  readonly url: string;
  readonly user: number;
  readonly cron: string;
  readonly intent: string;
  readonly timeZone?: string;
  readonly overlap?: string;
  readonly catchUp?: string;
  readonly endsAt?: string;
}

/** Adds what can be done about schedules below `lifeos schedules`. */
export function defineScheduleCommands(schedules: Command, say: (line: string) => void): void {
  const summary = (one: ScheduleDto): string =>
    `${one.schedule_id}: ${one.intent} (${one.cron}, ${one.time_zone}), ${one.state}${dueOf(one)}`;

  withUrl(schedules.command('list', { isDefault: true }).description('list schedules, newest first')).action(
    async ({ url }: { readonly url: string }) => {
      const client = new ApiClient(url);
      let count = 0;
      for (let cursor: string | null | undefined; cursor !== null;) {
        const page: Awaited<ReturnType<ApiClient['schedules']>> = await client.schedules(cursor);
        for (const schedule of page.items) say(summary(schedule));
        count += page.items.length;
        cursor = page.next_cursor;
      }
      if (count === 0) say('There are no schedules.');
    },
  );
  withUrl(schedules.command('show').description('a schedule').argument('<schedule-id>', 'the schedule', idArgument)).action(
    async (scheduleId: number, { url }: { readonly url: string }) => {
      const schedule = await new ApiClient(url).schedule(scheduleId);
      say(summary(schedule));
      const { last_workflow_id: run, last_scheduled_for: scheduledFor, skipped } = schedule;
      if (run !== null) say(`Last run: ${run}${scheduledFor === null ? '' : `; last occurrence that was run: ${scheduledFor}`}.`);
      if (skipped > 0) say(`Occurrences that were skipped: ${skipped}.`);
    },
  );
  withUrl(
    schedules
      .command('create')
      .description('submit an intent again and again')
      .requiredOption('--user <id>', 'whose runs they are', idArgument)
      .requiredOption('--intent <text>', 'what is wanted, in words')
      .requiredOption('--cron <expression>', 'when, such as "30 7 * * 1-5"')
      .option('--time-zone <name>', 'whose clocks, such as Europe/Berlin')
      .option('--overlap <what>', 'while the last run is unfinished: skip or allow')
      .option('--catch-up <what>', 'of occurrences that were missed: last or none')
      .option('--ends-at <time>', 'none comes after it, ISO 8601'),
  ).action(async ({ url, user, cron, intent, timeZone, overlap, catchUp, endsAt }: NewScheduleFlags) => {
    const created = await new ApiClient(url).createSchedule({
      user_id: user,
      intent,
      cron,
      ...(timeZone === undefined ? {} : { time_zone: timeZone }),
      ...(overlap === undefined ? {} : { overlap }),
      ...(catchUp === undefined ? {} : { catch_up: catchUp }),
      ...(endsAt === undefined ? {} : { ends_at: endsAt }),
    });
    say(`Schedule ${created.schedule_id}${dueOf(created)}.`);
  });
  for (const [name, description] of [
    ['pause', 'submit nothing until it is resumed'],
    ['resume', 'let a paused schedule go on'],
  ] as const) {
    withAct(schedules.command(name).description(description).argument('<schedule-id>', 'the schedule', idArgument)).action(
      async (scheduleId: number, flags: ActFlags) => {
        const after = await new ApiClient(flags.url).controlSchedule(scheduleId, name, actOf(flags));
        say(`Schedule ${scheduleId} is ${after.state}${dueOf(after)}.`);
      },
    );
  }
  withUrl(schedules.command('trigger').description('run it now').argument('<schedule-id>', 'the schedule', idArgument))
    .option('--user <id>', 'who does it', idArgument)
    .action(async (scheduleId: number, flags: Omit<ActFlags, 'reason'>) => {
      say(`Run ${(await new ApiClient(flags.url).triggerSchedule(scheduleId, actOf(flags))).workflow_id} of schedule ${scheduleId}.`);
    });
  withAct(schedules.command('delete').description('submit nothing any more').argument('<schedule-id>', 'the schedule', idArgument)).action(
    async (scheduleId: number, flags: ActFlags) => {
      say(`Schedule ${scheduleId} is ${(await new ApiClient(flags.url).deleteSchedule(scheduleId, actOf(flags))).state}.`);
    },
  );
}
