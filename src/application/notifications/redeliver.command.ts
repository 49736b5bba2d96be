import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { DeliveryStatus } from '../../domain/notification/delivery.js';
import { byHand } from '../../domain/workflow/by-hand.js';
import type { ByHand } from '../../domain/workflow/events/workflow-events.js';
import type { Actor } from '../ports/event-log.js';
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

/** Sends a message again, at once and with the id that it had. @throws DomainError delivery.not-found, delivery.in-digest */
export class Redeliver extends Command<AskedDelivery> {
  constructor(readonly act: RedeliveryAct) {
    super();
  }
}

@CommandHandler(Redeliver)
export class RedeliverHandler implements ICommandHandler<Redeliver> {
  constructor(private readonly deliveries: DeliveryDecisions) {}

  async execute({ act: { deliveryId, actor, ...act } }: Redeliver): Promise<AskedDelivery> {
    const { delivery, position } = await this.deliveries.execute(deliveryId, [{ type: 'Redeliver', data: byHand(act) }], { actor });
    return { deliveryId, channelId: delivery.channelId, state: delivery.status, position };
  }
}
