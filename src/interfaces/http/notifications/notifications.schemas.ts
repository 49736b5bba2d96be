import { z } from 'zod';
import type { NewChannel } from '../../../application/notifications/channel-act.js';
import type { DeliveryView } from '../../../application/ports/read-models.js';
import { CHANNEL_KINDS, type Channel } from '../../../domain/notification/channel.js';
import { DELIVERY_STATES } from '../../../domain/notification/delivery.js';
import { NOTIFICATION_TYPES } from '../../../domain/notification/notification.js';
import { RISK_LEVELS } from '../../../domain/risk/risk-level.js';
import { whoAndWhy, actShape } from '../requests/act-body.js';
import { cursorParameter, idMember, idParameter, limitParameter, question } from '../requests/parameters.js';
import { id, nextCursor, position, time } from '../responses/member-schemas.js';

export const channelPath = z.strictObject({ id: idParameter('Id of the channel.') });

export const deliveryPath = z.strictObject({
  id: z
    .string()
    .regex(/^msg_[0-9a-f]{32}$/, 'must be the id of a delivery, such as msg_0123456789abcdef0123456789abcdef')
    .meta({ description: 'Id of the delivery: the `webhook-id` that the receiver saw.' }),
});

export const deliveriesQuestion = question({
  status: z.exactOptional(z.enum(DELIVERY_STATES)).meta({ description: 'Only those in this state.' }),
  channel_id: z.exactOptional(idParameter('Only those to this channel.')),
  cursor: z.exactOptional(cursorParameter),
  limit: limitParameter({ standard: 50, highest: 500 }),
});

export const deleteQuestion = z.strictObject({
  user_id: z.exactOptional(idParameter('Who deletes it; also in a body.')),
  reason: z.exactOptional(z.string().max(2_000)).meta({ description: 'Why; also in a body.' }),
});

const events = z.array(z.enum(NOTIFICATION_TYPES)).max(NOTIFICATION_TYPES.length);
const someOf = <T extends z.ZodType>(schema: T) => z.array(schema).min(1).max(100);

const filter = z
  .strictObject({
    user_ids: z.exactOptional(someOf(idMember)).meta({ description: 'Only of runs of these users.' }),
    tools: z
      .exactOptional(someOf(z.string().min(1).max(200)))
      .meta({ description: 'Only of steps of these tools, and of runs that have such steps.' }),
    risk_from: z
      .exactOptional(z.enum(RISK_LEVELS))
      .meta({ description: 'Only of steps from this risk level on, and of runs that have such steps.' }),
  })
  .meta({ id: 'ChannelFilter' });

const kind = z.enum(CHANNEL_KINDS).meta({
  description:
    '`webhook`: signed as https://www.standardwebhooks.com says. `slack`: an incoming webhook of Slack, or what is compatible with it.',
});

export const channelBody = z
  .strictObject({
    ...actShape,
    type: kind,
    url: z
      .exactOptional(z.string().max(2_000))
      .meta({ description: 'Where messages are posted to: of `webhook` and `slack`. It is not shown again.' }),
    address: z.exactOptional(z.string().max(254)).meta({ description: 'Of `email`: who gets them.' }),
    events: z.exactOptional(events.min(1)).meta({ description: 'What it is told of; everything where it is absent.' }),
    filter: z.exactOptional(filter),
  })
  .refine(({ type, url, address }) => (type === 'email' ? url : address) === undefined, {
    path: ['type'],
    message: 'takes `address` for email, `url` for the others, and not both',
  })
  .refine(({ type, url, address }) => (type === 'email' ? address : url) !== undefined, {
    path: ['type'],
    message: 'needs `address` for email, `url` for the others',
  })
  .meta({ id: 'NewChannel', example: { type: 'webhook', url: 'https://hooks.example.org/lifeos', events: ['approval.required'] } });
export type ChannelBody = z.infer<typeof channelBody>;

export function newChannelOf({ type, url, address, events: told, filter: chosen, ...act }: ChannelBody): NewChannel {
  const { user_ids: userIds, tools, risk_from: riskFrom } = chosen ?? {};
  return {
    ...whoAndWhy(act),
    kind: type,
    address: (url ?? address)!,
    ...(told === undefined ? {} : { events: told }),
    filter: {
      ...(userIds === undefined ? {} : { userIds }),
      ...(tools === undefined ? {} : { tools }),
      ...(riskFrom === undefined ? {} : { riskFrom }),
    },
  };
}

const secret = z.string().meta({ description: 'With which messages are signed. It is not shown again.' });
const state = z.enum(['active', 'disabled', 'deleted']);

export const createdChannelSchema = z
  .strictObject({ channel_id: id, state, secret: z.exactOptional(secret), position })
  .meta({ id: 'CreatedChannel' });

export const changedChannelSchema = z.strictObject({ channel_id: id, state, position }).meta({ id: 'ChangedChannel' });

export const rotatedSecretSchema = z
  .strictObject({
    channel_id: id,
    secret,
    former_until: time.meta({ description: 'Until then messages are signed with the former secret too.' }),
    position,
  })
  .meta({ id: 'RotatedSecret' });

export const channelSchema = z
  .strictObject({
    channel_id: id,
    type: kind,
    destination: z.string().meta({ description: 'Who gets mail, or the origin of the url: the rest of it may be a secret.' }),
    events,
    filter,
    name: z.string().nullable().meta({ description: 'Its name in the configuration file; null where the API made it.' }),
    state: z.enum(['active', 'disabled']),
    disabled_at: time.nullable(),
    disabled_because: z.string().nullable(),
    created_at: time,
  })
  .meta({ id: 'Channel' });

export function presentChannel({ channelId, definition, ...channel }: Channel): z.infer<typeof channelSchema> {
  const { kind: type, destination, events: told, filter: chosen, configured = null } = definition;
  const { userIds, tools, riskFrom } = chosen;
  return {
    ...{ channel_id: channelId, type, destination, events: [...told], name: configured },
    filter: {
      ...(userIds === undefined ? {} : { user_ids: [...userIds] }),
      ...(tools === undefined ? {} : { tools: [...tools] }),
      ...(riskFrom === undefined ? {} : { risk_from: riskFrom }),
    },
    ...{ state: channel.state, disabled_at: channel.disabledAt, disabled_because: channel.disabledBecause, created_at: channel.createdAt },
  };
}

const deliveryId = z.string().meta({ example: 'msg_0123456789abcdef0123456789abcdef' });

export const askedDeliverySchema = z
  .strictObject({ delivery_id: deliveryId, channel_id: id, status: z.enum(DELIVERY_STATES), position })
  .meta({ id: 'AskedDelivery' });

const deliverySchema = z
  .strictObject({
    delivery_id: deliveryId,
    channel_id: id,
    type: z.enum([...NOTIFICATION_TYPES, 'test', 'digest']),
    title: z.string(),
    workflow_id: id.nullable(),
    status: z.enum(DELIVERY_STATES),
    digest_id: deliveryId.nullable().meta({ description: 'The delivery that it is told in, where many came at once.' }),
    planned_at: time,
    due_at: time.nullable().meta({ description: 'When a try is due, or the one under way counts as lost.' }),
    delivered_at: time.nullable(),
    reason: z.string().nullable().meta({ description: 'Why it was given up.' }),
    tries: z
      .array(
        z.strictObject({
          try: z.int(),
          begun_at: time,
          ended_at: time.nullable().meta({ description: 'Null: it is under way, or its node was not heard of again.' }),
          status_code: z.int().nullable(),
          error: z.string().nullable(),
        }),
      )
      .meta({ description: 'The last 50, oldest first.' }),
  })
  .meta({ id: 'Delivery' });

export const deliveryPageSchema = z.strictObject({ items: z.array(deliverySchema), next_cursor: nextCursor }).meta({ id: 'DeliveryPage' });

export const presentDelivery = (delivery: DeliveryView): z.infer<typeof deliverySchema> => ({
  delivery_id: delivery.deliveryId,
  channel_id: delivery.channelId,
  type: delivery.type,
  title: delivery.title,
  workflow_id: delivery.workflowId,
  status: delivery.state,
  digest_id: delivery.digestId,
  planned_at: delivery.plannedAt,
  due_at: delivery.dueAt,
  delivered_at: delivery.deliveredAt,
  reason: delivery.reason,
  tries: delivery.tries.map(({ try: number, begunAt, endedAt, statusCode, error }) => ({
    ...{ try: number, begun_at: begunAt, ended_at: endedAt, status_code: statusCode, error },
  })),
});
