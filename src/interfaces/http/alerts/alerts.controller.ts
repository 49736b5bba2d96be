import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ListAlerts } from '../../../application/queries/list-alerts.js';
import { ALERT_KINDS } from '../../../domain/alert/alert-rule.js';
import { MOST_ENDED, type Alert } from '../../../domain/alert/alert.js';
import { Answers, AnswersProblems, LOG_PROBLEMS } from '../openapi/answers.decorator.js';
import { TAGS } from '../openapi/openapi-document.js';
import { nothing } from '../requests/parameters.js';
import { time } from '../responses/member-schemas.js';

const alertSchema = z
  .strictObject({
    name: z.string().meta({ description: 'Of its rule, as the configuration calls it.' }),
    kind: z.enum(ALERT_KINDS),
    detail: z.string().meta({ description: 'What was found when it began, in a sentence.' }),
    began_at: time,
    ended_at: time.nullable().meta({ description: 'Null while it goes on.' }),
  })
  .meta({ id: 'Alert' });

const alertsSchema = z
  .strictObject({
    active: z.array(alertSchema).meta({ description: 'Those that go on, the newest first.' }),
    ended: z.array(alertSchema).meta({ description: `The last ${MOST_ENDED} that are over, the newest first.` }),
  })
  .meta({ id: 'Alerts' });

const present = ({ name, kind, detail, beganAt, endedAt }: Alert): z.infer<typeof alertSchema> => ({
  ...{ name, kind, detail, began_at: beganAt, ended_at: endedAt },
});

/** What the configured rules have found. */
@ApiTags(TAGS.operations)
@Controller('api/alerts')
export class AlertsController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({ summary: 'List alerts: those that go on, and the last that are over' })
  @Answers(200, 'The alerts.', alertsSchema)
  @AnswersProblems(...LOG_PROBLEMS)
  async listAlerts(@Query({ schema: nothing }) _query: object): Promise<z.infer<typeof alertsSchema>> {
    const { active, ended } = await this.queries.execute(new ListAlerts());
    return { active: [...active.values()].reverse().map(present), ended: ended.map(present) };
  }
}
