import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Channel } from '../../domain/notification/channel.js';
import { ChannelRegistry } from '../notifications/channel-registry.js';

/** Every channel, by the log. @throws EventLogUnavailable */
export class ListChannels extends Query<readonly Channel[]> {}

@QueryHandler(ListChannels)
export class ListChannelsHandler implements IQueryHandler<ListChannels> {
  constructor(private readonly channels: ChannelRegistry) {}

  async execute(): Promise<readonly Channel[]> {
    return [...(await this.channels.read()).values()];
  }
}
