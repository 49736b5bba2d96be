import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { knownChannel, type Channel } from '../../domain/notification/channel.js';
import { ChannelRegistry } from '../notifications/channel-registry.js';

/** A channel, by the log. @throws DomainError channel.not-found; EventLogUnavailable */
export class GetChannel extends Query<Channel> {
  constructor(readonly channelId: number) {
    super();
  }
}

@QueryHandler(GetChannel)
export class GetChannelHandler implements IQueryHandler<GetChannel> {
  constructor(private readonly channels: ChannelRegistry) {}

  async execute({ channelId }: GetChannel): Promise<Channel> {
    return knownChannel(channelId, await this.channels.read());
  }
}
