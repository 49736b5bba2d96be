import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { byHand } from '../../domain/workflow/by-hand.js';
import { DomainError } from '../../domain/workflow/workflow.errors.js';
import { Sequences } from '../ids/sequences.js';
import { FINGERPRINT, type Fingerprint } from '../ports/fingerprint.js';
import { NOTIFICATION_SENDER, SECRET_STORE, type NotificationSender, type SecretStore } from '../ports/notifications.js';
import { eventsOf, refusingAddresses, type ChangedChannel, type NewChannel } from './channel-act.js';
import { ChannelRegistry } from './channel-registry.js';

export interface CreatedChannel extends ChangedChannel {
  /** With which its messages are signed; absent where they are not. It is told once. */
  readonly secret?: string;
}

/** @throws DomainError channel.too-many; ApplicationError channel.address-refused, channel.no-mail-server */
export class CreateChannel extends Command<CreatedChannel> {
  constructor(readonly channel: NewChannel) {
    super();
  }
}

@CommandHandler(CreateChannel)
export class CreateChannelHandler implements ICommandHandler<CreateChannel> {
  constructor(
    private readonly channels: ChannelRegistry,
    private readonly sequences: Sequences,
    @Inject(NOTIFICATION_SENDER) private readonly sender: NotificationSender,
    @Inject(SECRET_STORE) private readonly secrets: SecretStore,
    @Inject(FINGERPRINT) private readonly fingerprint: Fingerprint,
  ) {}

  async execute({ channel: { kind, address, events, filter = {}, actor, ...act } }: CreateChannel): Promise<CreatedChannel> {
    const destination = await refusingAddresses(() => this.sender.check(kind, address));
    const channelId = await this.sequences.next('channel');
    const secret = kind === 'webhook' ? { secret: this.sender.newSecret() } : {};
    const definition = { kind, destination, events: eventsOf(events === undefined ? {} : { events }), filter };
    const data = { definition, fingerprint: this.fingerprint({ address, ...secret }), ...byHand(act) };
    // First, so that a channel that is there can be sent to.
    await this.secrets.put(channelId, { address, ...secret });
    try {
      const { position } = await this.channels.execute(channelId, { type: 'CreateChannel', data }, actor);
      return { channelId, state: 'active', position, ...secret };
    } catch (error) {
      // Anything else may have come after the channel was recorded.
      if (error instanceof DomainError) await this.secrets.remove(channelId);
      throw error;
    }
  }
}
