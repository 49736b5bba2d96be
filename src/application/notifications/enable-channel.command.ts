import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { byHand } from '../../domain/workflow/by-hand.js';
import type { ChangedChannel, ChannelAct } from './channel-act.js';
import { ChannelRegistry } from './channel-registry.js';

/** It is told again, from now on, and what waited for it is sent. @throws DomainError channel.not-found */
export class EnableChannel extends Command<ChangedChannel> {
  constructor(readonly act: ChannelAct) {
    super();
  }
}

@CommandHandler(EnableChannel)
export class EnableChannelHandler implements ICommandHandler<EnableChannel> {
  constructor(private readonly channels: ChannelRegistry) {}

  async execute({ act: { channelId, actor, ...act } }: EnableChannel): Promise<ChangedChannel> {
    const { position } = await this.channels.execute(channelId, { type: 'EnableChannel', data: byHand(act) }, actor);
    return { channelId, state: 'active', position };
  }
}
