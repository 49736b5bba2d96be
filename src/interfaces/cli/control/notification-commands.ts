import type { Command } from 'commander';
import { ApiClient, type ChannelDto, type DeliveryDto } from '../api-client.js';
import { idArgument } from '../arguments.js';
import { actOf, withAct, withUrl, type ActFlags } from './run-commands.js';

interface NewChannelFlags {
  readonly url: string;
  readonly to: string;
  readonly events?: string;
  readonly users?: string;
  readonly tools?: string;
  readonly riskFrom?: string;
}

const listOf = (text: string): string[] => text.split(',').map((one) => one.trim());

const channelLine = ({ channel_id: id, type, destination, state, disabled_because: why, events }: ChannelDto): string =>
  `${id}: ${type} ${destination}, ${state}${why === null ? '' : ` (${why})`}: ${events.join(', ')}`;

const deliveryLine = ({ delivery_id: id, channel_id: channel, status, title, tries }: DeliveryDto): string => {
  const last = tries.at(-1);
  return `${id}: to channel ${channel}, ${status} (tries: ${tries.length}${last?.error ? `, the last ${last.error}` : ''}): ${title}`;
};

/** Adds what can be done about notifications below `lifeos notifications`. */
export function defineNotificationCommands(notifications: Command, say: (line: string) => void): void {
  withUrl(notifications.command('list', { isDefault: true }).description('list channels')).action(
    async ({ url }: { readonly url: string }) => {
      const channels = await new ApiClient(url).channels();
      for (const channel of channels) say(channelLine(channel));
      if (channels.length === 0) say('There are no channels.');
    },
  );
  withUrl(
    notifications
      .command('add')
      .description('register a channel')
      .argument('<type>', 'webhook, email or slack')
      .requiredOption('--to <address>', 'the url, or the address of mail')
      .option('--events <list>', 'what it is told of, with commas between them; everything where it is absent')
      .option('--users <list>', 'only of runs of these users')
      .option('--tools <list>', 'only of steps of these tools')
      .option('--risk-from <level>', 'only of steps from this risk level on'),
  ).action(async (type: string, { url, to, events, users, tools, riskFrom }: NewChannelFlags) => {
    const filter = {
      ...(users === undefined ? {} : { user_ids: listOf(users).map(idArgument) }),
      ...(tools === undefined ? {} : { tools: listOf(tools) }),
      ...(riskFrom === undefined ? {} : { risk_from: riskFrom }),
    };
    const created = await new ApiClient(url).createChannel({
      ...{ type, filter, [type === 'email' ? 'address' : 'url']: to },
      ...(events === undefined ? {} : { events: listOf(events) }),
    });
    say(`Channel ${created.channel_id}.`);
    if (created.secret !== undefined) say(`Its secret, which is not shown again: ${created.secret}`);
  });
  withUrl(notifications.command('deliveries').description('list messages, newest first'))
    .option('--channel <id>', 'only those to this channel', idArgument)
    .option('--status <what>', 'only those in this state')
    .action(async ({ url, channel, status }: { readonly url: string; readonly channel?: number; readonly status?: string }) => {
      let count = 0;
      const filter = { ...(channel === undefined ? {} : { channel_id: channel }), ...(status === undefined ? {} : { status }) };
      for await (const delivery of new ApiClient(url).deliveries(filter)) {
        say(deliveryLine(delivery));
        count++;
      }
      if (count === 0) say('There are no deliveries.');
    });
  const channelCommand = (name: string, description: string): Command =>
    withAct(notifications.command(name).description(description).argument('<channel-id>', 'the channel', idArgument));
  channelCommand('test', 'send a message that tells of nothing').action(async (id: number, flags: ActFlags) => {
    say(`Delivery ${(await new ApiClient(flags.url).actOnChannel(id, 'test', actOf(flags))).delivery_id}.`);
  });
  channelCommand('enable', 'let a channel that was disabled go on').action(async (id: number, flags: ActFlags) => {
    say(`Channel ${id} is ${(await new ApiClient(flags.url).actOnChannel(id, 'enable', actOf(flags))).state}.`);
  });
  channelCommand('rotate-secret', 'sign with another secret; for a day the former one counts too').action(
    async (id: number, flags: ActFlags) => {
      const { secret, former_until: until } = await new ApiClient(flags.url).actOnChannel(id, 'rotate-secret', actOf(flags));
      say(`Its secret, which is not shown again: ${secret} (the former one counts until ${until}).`);
    },
  );
  channelCommand('delete', 'send nothing to it any more').action(async (id: number, flags: ActFlags) => {
    say(`Channel ${id} is ${(await new ApiClient(flags.url).deleteChannel(id, actOf(flags))).state}.`);
  });
  withAct(notifications.command('redeliver').description('send a message again').argument('<delivery-id>', 'the delivery')).action(
    async (id: string, flags: ActFlags) => {
      say(`Delivery ${id} is ${(await new ApiClient(flags.url).redeliver(id, actOf(flags))).status}.`);
    },
  );
}
