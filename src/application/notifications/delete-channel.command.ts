import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { byHand } from '../../domain/workflow/by-hand.js';
import { SECRET_STORE, type SecretStore } from '../ports/notifications.js';
import type { ChangedChannel, ChannelAct } from './channel-act.js';
import { ChannelRegistry } from './channel-registry.js';

/** Nothing is sent to it any more, and its secrets are destroyed. @throws DomainError channel.not-found */
export class DeleteChannel extends Command<ChangedChannel> {
  constructor(readonly act: ChannelAct) {
    super();
  }
}

@CommandHandler(DeleteChannel)
export class DeleteChannelHandler implements ICommandHandler<DeleteChannel> {
  constructor(
    private readonly channels: ChannelRegistry,
    @Inject(SECRET_STORE) private readonly secrets: SecretStore,
  ) {}

  async execute({ act: { channelId, actor, ...act } }: DeleteChannel): Promise<ChangedChannel> {
    try {
      const { position } = await this.channels.execute(channelId, { type: 'DeleteChannel', data: byHand(act) }, actor);
      return { channelId, state: 'deleted', position };
    } finally {
      // Of a repeat too: whoever recorded it may have died before this.
      if (this.channels.wasDeleted(channelId)) await this.secrets.remove(channelId);
    }
  }
}
