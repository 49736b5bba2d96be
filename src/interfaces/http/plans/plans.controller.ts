import { Body, Controller, HttpCode, HttpStatus, Post, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { SimulatePlan } from '../../../application/queries/simulate-plan.js';
import { Answers, AnswersProblems } from '../openapi/answers.decorator.js';
import { TAGS } from '../openapi/openapi-document.js';
import { nothing } from '../requests/parameters.js';
import { presentSimulation, simulationBody, simulationOf, simulationSchema, type SimulationBody } from './simulation.schemas.js';

/** Plans that are only looked at. */
@ApiTags(TAGS.workflows)
@Controller('api/plans')
export class PlansController {
  constructor(private readonly queries: QueryBus) {}

  @Post('simulate')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'See what a submission would do',
    description:
      'Plans and checks as a submission does, and writes nothing: no run begins. An intent that cannot be planned is refused in the words of the planner.',
  })
  @Answers(200, 'The steps that would run, and who would be asked.', simulationSchema)
  @AnswersProblems(
    'request.invalid',
    'request.malformed-json',
    'request.duplicate-member',
    'request.too-large',
    'request.unsupported-media-type',
    'intent.empty',
    'intent.too-long',
    'planner.not-understood',
    'plan.empty',
    'plan.too-large',
    'plan.duplicate-key',
    'plan.unknown-tool',
    'plan.dangling-dependency',
    'plan.cycle',
    'plan.invalid-args',
    'plan.invalid-reference',
  )
  async simulatePlan(
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: simulationBody }) body: SimulationBody,
  ): Promise<z.infer<typeof simulationSchema>> {
    return presentSimulation(await this.queries.execute(new SimulatePlan(simulationOf(body))));
  }
}
