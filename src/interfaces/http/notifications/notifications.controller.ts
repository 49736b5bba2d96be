import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Param, Post, Query, Res } from '@nestjs/common';
import { CommandBus, QueryBus, type Command } from '@nestjs/cqrs';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import type { ChangedChannel } from '../../../application/notifications/channel-act.js';
import { CreateChannel } from '../../../application/notifications/create-channel.command.js';
import { DeleteChannel } from '../../../application/notifications/delete-channel.command.js';
import { EnableChannel } from '../../../application/notifications/enable-channel.command.js';
import { Redeliver, type AskedDelivery } from '../../../application/notifications/redeliver.command.js';
import { RotateSecret } from '../../../application/notifications/rotate-secret.command.js';
import { TestChannel } from '../../../application/notifications/test-channel.command.js';
import { GetChannel } from '../../../application/queries/get-channel.js';
import { ListChannels } from '../../../application/queries/list-channels.js';
import { ListDeliveries } from '../../../application/queries/list-deliveries.js';
import { Answers, AnswersProblems, COMMAND_PROBLEMS, LOG_PROBLEMS, READ_PROBLEMS } from '../openapi/answers.decorator.js';
import { TAGS } from '../openapi/openapi-document.js';
import { actBody, whoAndWhy, type ActBody } from '../requests/act-body.js';
import { freshness, nothing } from '../requests/parameters.js';
import {
  askedDeliverySchema,
  changedChannelSchema,
  channelBody,
  channelPath,
  channelSchema,
  createdChannelSchema,
  deleteQuestion,
  deliveriesQuestion,
  deliveryPageSchema,
  deliveryPath,
  newChannelOf,
  presentChannel,
  presentDelivery,
  rotatedSecretSchema,
  type ChannelBody,
} from './notifications.schemas.js';

type Path = z.infer<typeof channelPath>;
type Changed = z.infer<typeof changedChannelSchema>;
type Asked = z.infer<typeof askedDeliverySchema>;

/** Who is told of what, and what became of it. */
@ApiTags(TAGS.notifications)
@Controller('api/notifications')
export class NotificationsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post('channels')
  @ApiOperation({
    summary: 'Register a channel',
    description:
      'It is told of what happens from now on, at least once, each time with the same id. The secret of a webhook is in this answer and in no other.',
  })
  @Answers(201, 'The channel. `Location` is its address.', createdChannelSchema)
  @AnswersProblems(...COMMAND_PROBLEMS, 'channel.address-refused', 'channel.no-mail-server', 'channel.too-many')
  async createChannel(
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: channelBody }) body: ChannelBody,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<z.infer<typeof createdChannelSchema>> {
    const { channelId, state, secret, position } = await this.commands.execute(new CreateChannel(newChannelOf(body)));
    response.setHeader('Location', `/api/notifications/channels/${channelId}`);
    response.setHeader('Cache-Control', 'no-store');
    return { channel_id: channelId, state, ...(secret === undefined ? {} : { secret }), position: position.toString() };
  }

  @Get('channels')
  @ApiOperation({ summary: 'List channels' })
  @Answers(200, 'The channels.', z.array(channelSchema))
  @AnswersProblems(...LOG_PROBLEMS)
  async listChannels(@Query({ schema: nothing }) _query: object): Promise<z.infer<typeof channelSchema>[]> {
    return (await this.queries.execute(new ListChannels())).map(presentChannel);
  }

  @Get('channels/:id')
  @ApiOperation({ summary: 'A channel' })
  @Answers(200, 'The channel.', channelSchema)
  @AnswersProblems(...LOG_PROBLEMS, 'channel.not-found')
  async getChannel(
    @Param({ schema: channelPath }) { id: channelId }: Path,
    @Query({ schema: nothing }) _query: object,
  ): Promise<z.infer<typeof channelSchema>> {
    return presentChannel(await this.queries.execute(new GetChannel(channelId)));
  }

  @Delete('channels/:id')
  @ApiOperation({ summary: 'Delete a channel', description: 'Nothing is sent to it any more, and its secrets are destroyed.' })
  @ApiBody({ required: false, schema: {} })
  @Answers(200, 'The channel is deleted.', changedChannelSchema)
  @AnswersProblems(...COMMAND_PROBLEMS, 'channel.not-found')
  deleteChannel(
    @Param({ schema: channelPath }) { id: channelId }: Path,
    @Query({ schema: deleteQuestion }) query: z.infer<typeof deleteQuestion>,
    @Body({ schema: actBody }) body: ActBody,
  ): Promise<Changed> {
    return this.change(new DeleteChannel({ channelId, ...whoAndWhy({ ...query, ...body }) }));
  }

  @Post('channels/:id/enable')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Enable a channel that was disabled',
    description: 'What waited for it is sent. Of what happened meanwhile it is not told.',
  })
  @ApiBody({ required: false, schema: {} })
  @Answers(200, 'The channel is active.', changedChannelSchema)
  @AnswersProblems(...COMMAND_PROBLEMS, 'channel.not-found')
  enableChannel(
    @Param({ schema: channelPath }) { id: channelId }: Path,
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: actBody }) body: ActBody,
  ): Promise<Changed> {
    return this.change(new EnableChannel({ channelId, ...whoAndWhy(body) }));
  }

  @Post('channels/:id/test')
  @HttpCode(HttpStatus.ACCEPTED)
  @ApiOperation({
    summary: 'Send a message that tells of nothing',
    description: 'To a disabled channel too. What became of it is in its deliveries.',
  })
  @ApiBody({ required: false, schema: {} })
  @Answers(202, 'It is sent at once.', askedDeliverySchema)
  @AnswersProblems(...COMMAND_PROBLEMS, 'channel.not-found')
  testChannel(
    @Param({ schema: channelPath }) { id: channelId }: Path,
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: actBody }) body: ActBody,
  ): Promise<Asked> {
    return this.deliver(new TestChannel({ channelId, ...whoAndWhy(body) }));
  }

  @Post('channels/:id/rotate-secret')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Give a webhook another secret',
    description: 'For a day messages are signed with both, so that receivers can be changed one after the other.',
  })
  @ApiBody({ required: false, schema: {} })
  @Answers(200, 'The new secret, which no other answer holds.', rotatedSecretSchema)
  @AnswersProblems(...COMMAND_PROBLEMS, 'channel.not-found', 'channel.no-secret')
  async rotateSecret(
    @Param({ schema: channelPath }) { id: channelId }: Path,
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: actBody }) body: ActBody,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<z.infer<typeof rotatedSecretSchema>> {
    const { secret, formerUntil, position } = await this.commands.execute(new RotateSecret({ channelId, ...whoAndWhy(body) }));
    response.setHeader('Cache-Control', 'no-store');
    return { channel_id: channelId, secret, former_until: formerUntil, position: position.toString() };
  }

  @Get('deliveries')
  @ApiOperation({ summary: 'List messages to channels, newest first, each with its tries' })
  @Answers(200, 'A page of deliveries.', deliveryPageSchema)
  @AnswersProblems(...READ_PROBLEMS, 'cursor.invalid')
  async listDeliveries(
    @Query({ schema: deliveriesQuestion }) query: z.infer<typeof deliveriesQuestion>,
  ): Promise<z.infer<typeof deliveryPageSchema>> {
    const { status: state, channel_id: channelId, cursor, limit } = query;
    const filter = { ...(state === undefined ? {} : { state }), ...(channelId === undefined ? {} : { channelId }) };
    const page = { limit, ...(cursor === undefined ? {} : { cursor }) };
    const { items, nextCursor } = await this.queries.execute(new ListDeliveries({ ...freshness(query), filter, page }));
    return { items: items.map(presentDelivery), next_cursor: nextCursor };
  }

  @Post('deliveries/:id/redeliver')
  @HttpCode(HttpStatus.ACCEPTED)
  @ApiOperation({
    summary: 'Send a message again',
    description: 'With the id that it had, whether it arrived, was given up or is due later.',
  })
  @ApiBody({ required: false, schema: {} })
  @Answers(202, 'It is sent at once.', askedDeliverySchema)
  @AnswersProblems(...COMMAND_PROBLEMS, 'delivery.not-found', 'delivery.in-digest', 'channel.not-found', 'channel.disabled')
  redeliver(
    @Param({ schema: deliveryPath }) { id: deliveryId }: z.infer<typeof deliveryPath>,
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: actBody }) body: ActBody,
  ): Promise<Asked> {
    return this.deliver(new Redeliver({ deliveryId, ...whoAndWhy(body) }));
  }

  private async change(command: Command<ChangedChannel>): Promise<Changed> {
    const { channelId, state, position } = await this.commands.execute(command);
    return { channel_id: channelId, state, position: position.toString() };
  }

  private async deliver(command: Command<AskedDelivery>): Promise<Asked> {
    const { deliveryId, channelId, state, position } = await this.commands.execute(command);
    return { delivery_id: deliveryId, channel_id: channelId, status: state, position: position.toString() };
  }
}
