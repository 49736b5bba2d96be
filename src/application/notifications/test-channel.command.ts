import { randomUUID } from 'node:crypto';
import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { knownChannel } from '../../domain/notification/channel.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import type { ChannelAct } from './channel-act.js';
import { ChannelRegistry } from './channel-registry.js';
import { deliveryIdOf } from './delivery-codec.js';
import { DeliveryDecisions } from './delivery-decisions.js';
import type { AskedDelivery } from './redeliver.command.js';

/** Sends a message that tells of nothing, to a disabled channel too. @throws DomainError channel.not-found */
export class TestChannel extends Command<AskedDelivery> {
  constructor(readonly act: ChannelAct) {
    super();
  }
}

@CommandHandler(TestChannel)
export class TestChannelHandler implements ICommandHandler<TestChannel> {
  constructor(
    private readonly channels: ChannelRegistry,
    private readonly deliveries: DeliveryDecisions,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ act: { channelId, actor } }: TestChannel): Promise<AskedDelivery> {
    knownChannel(channelId, await this.channels.read());
    const at = new Date(this.clock.now()).toISOString();
    const notification = { type: 'test', at, title: `A test of channel ${channelId}`, page: '/', data: { channel_id: channelId } } as const;
    const deliveryId = deliveryIdOf(channelId, 'test', randomUUID());
    const data = { channelId, notification, dueAt: at };
    const { position, delivery } = await this.deliveries.execute(deliveryId, [{ type: 'PlanDelivery', data }], { actor });
    return { deliveryId, channelId, state: delivery.status, position };
  }
}
