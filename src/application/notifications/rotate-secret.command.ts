import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { knownChannel } from '../../domain/notification/channel.js';
import { byHand } from '../../domain/workflow/by-hand.js';
import { DomainError } from '../../domain/workflow/workflow.errors.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import { FINGERPRINT, type Fingerprint } from '../ports/fingerprint.js';
import { NOTIFICATION_SENDER, SECRET_STORE, type NotificationSender, type SecretStore } from '../ports/notifications.js';
import type { ChannelAct } from './channel-act.js';
import { ChannelRegistry } from './channel-registry.js';
import type { CreatedChannel } from './create-channel.command.js';

/** How long messages are signed with the former secret too, in milliseconds. */
export const FORMER_SECRET_MS = 24 * 60 * 60_000;

export interface RotatedSecret extends CreatedChannel {
  readonly secret: string;
  /** Until when the former one counts too, ISO 8601, UTC. */
  readonly formerUntil: string;
}

/** Signs with another secret, and for a day with the former one too. @throws DomainError channel.not-found, channel.no-secret */
export class RotateSecret extends Command<RotatedSecret> {
  constructor(readonly act: ChannelAct) {
    super();
  }
}

@CommandHandler(RotateSecret)
export class RotateSecretHandler implements ICommandHandler<RotateSecret> {
  constructor(
    private readonly channels: ChannelRegistry,
    @Inject(NOTIFICATION_SENDER) private readonly sender: NotificationSender,
    @Inject(SECRET_STORE) private readonly secrets: SecretStore,
    @Inject(FINGERPRINT) private readonly fingerprint: Fingerprint,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ act: { channelId, actor, ...act } }: RotateSecret): Promise<RotatedSecret> {
    const { state } = knownChannel(channelId, await this.channels.read());
    const known = await this.secrets.get(channelId);
    if (known?.secret === undefined)
      throw new DomainError('channel.no-secret', `Channel ${channelId} signs nothing, or its secret is on another node.`);
    const secret = this.sender.newSecret();
    const formerUntil = new Date(this.clock.now() + FORMER_SECRET_MS).toISOString();
    const { address } = known;
    // First, so that a secret that was told is used, whatever happens to the process.
    await this.secrets.put(channelId, { address, secret, former: { secret: known.secret, until: formerUntil } });
    const data = { fingerprint: this.fingerprint({ address, secret }), formerUntil, ...byHand(act) };
    const { position } = await this.channels.execute(channelId, { type: 'RotateSecret', data }, actor);
    return { channelId, state, position, secret, formerUntil };
  }
}
