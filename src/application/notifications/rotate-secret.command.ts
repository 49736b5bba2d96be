import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { assertNotConfigured, knownChannel, type ChannelCommand, type Channels } from '../../domain/notification/channel.js';
import { byHand } from '../../domain/workflow/by-hand.js';
import type { ByHand } from '../../domain/workflow/events/workflow-events.js';
import { DomainError } from '../../domain/workflow/workflow.errors.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import type { Actor } from '../ports/event-log.js';
import { FINGERPRINT, type Fingerprint } from '../ports/fingerprint.js';
import { NOTIFICATION_SENDER, SECRET_STORE, type NotificationSender, type SecretStore } from '../ports/notifications.js';
import type { ChannelAct } from './channel-act.js';
import { ChannelRegistry } from './channel-registry.js';
import type { CreatedChannel } from './create-channel.command.js';
import { Turns } from './turns.js';

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
  /** One at a time for each channel: they write the same file. */
  private readonly rotating = new Turns<number>();

  constructor(
    private readonly channels: ChannelRegistry,
    @Inject(NOTIFICATION_SENDER) private readonly sender: NotificationSender,
    @Inject(SECRET_STORE) private readonly secrets: SecretStore,
    @Inject(FINGERPRINT) private readonly fingerprint: Fingerprint,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ act: { channelId, actor, ...act } }: RotateSecret): Promise<RotatedSecret> {
    return this.rotating.take(channelId, () => this.rotate(channelId, actor, byHand(act)));
  }

  private async rotate(channelId: number, actor: Actor, hand: ByHand): Promise<RotatedSecret> {
    let kept: { readonly secret: string; readonly formerUntil: string } | undefined;
    const commandOf = async (channels: Channels): Promise<ChannelCommand> => {
      const channel = knownChannel(channelId, channels);
      // Before anything is kept of it.
      assertNotConfigured(channel, 'change its secret');
      const { fingerprint } = channel;
      const known = await this.secrets.get(channelId);
      if (known?.secret === undefined)
        throw new DomainError('channel.no-secret', `Channel ${channelId} signs nothing, or its secret is on another node.`);
      const { address, former } = known;
      // What is recorded counts: one that was not was told nobody.
      const isUnrecorded = former !== undefined && fingerprint === this.fingerprint({ address, secret: former.secret });
      const secret = this.sender.newSecret();
      const formerUntil = new Date(this.clock.now() + FORMER_SECRET_MS).toISOString();
      // First, so that a secret that was told is used, whatever happens to the process.
      await this.secrets.put(channelId, {
        address,
        secret,
        former: { secret: isUnrecorded ? former.secret : known.secret, until: formerUntil },
      });
      kept = { secret, formerUntil };
      return { type: 'RotateSecret', data: { fingerprint: this.fingerprint({ address, secret }), formerUntil, ...hand } };
    };
    try {
      const { position, channel } = await this.channels.execute(channelId, commandOf, actor);
      return { channelId, state: channel?.state ?? 'deleted', position, ...kept! };
    } catch (error) {
      // It was deleted meanwhile, and its secrets before they were put.
      if (kept && this.channels.wasDeleted(channelId)) await this.secrets.remove(channelId);
      throw error;
    }
  }
}
