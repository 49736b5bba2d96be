import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { knownChannel } from '../../domain/notification/channel.js';
import { knownDelivery, type DeliveryStatus } from '../../domain/notification/delivery.js';
import { byHand } from '../../domain/workflow/by-hand.js';
import type { ByHand } from '../../domain/workflow/events/workflow-events.js';
import { DomainError } from '../../domain/workflow/workflow.errors.js';
import type { Actor } from '../ports/event-log.js';
import { ChannelRegistry } from './channel-registry.js';
import { DeliveryDecisions } from './delivery-decisions.js';

export interface AskedDelivery {
  readonly deliveryId: string;
  readonly channelId: number;
  readonly state: DeliveryStatus;
  readonly position: bigint;
}

export interface RedeliveryAct extends ByHand {
  readonly deliveryId: string;
  readonly actor: Actor;
}

/** Sends a message again, at once and with the id that it had. @throws DomainError delivery.not-found, delivery.in-digest, channel.not-found, channel.disabled */
export class Redeliver extends Command<AskedDelivery> {
  constructor(readonly act: RedeliveryAct) {
    super();
  }
}

@CommandHandler(Redeliver)
export class RedeliverHandler implements ICommandHandler<Redeliver> {
  constructor(
    private readonly channels: ChannelRegistry,
    private readonly deliveries: DeliveryDecisions,
  ) {}

  async execute({ act: { deliveryId, actor, ...act } }: Redeliver): Promise<AskedDelivery> {
    const { channelId, notification } = knownDelivery(deliveryId, (await this.deliveries.read(deliveryId)).state);
    const { state } = knownChannel(channelId, await this.channels.read());
    if (state === 'disabled' && notification.type !== 'test')
      throw new DomainError('channel.disabled', `Channel ${channelId} is disabled, and nothing but a test is sent to it: enable it first.`);
    const { delivery, position } = await this.deliveries.execute(deliveryId, [{ type: 'Redeliver', data: byHand(act) }], { actor });
    return { deliveryId, channelId, state: delivery.status, position };
  }
}
