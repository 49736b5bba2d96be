import { z } from 'zod';
import type { SimulatedPlan, SimulatePlan } from '../../../application/queries/simulate-plan.js';
import { RISK_LEVELS } from '../../../domain/risk/risk-level.js';
import { approvalThreshold, idMember, timeZone } from '../requests/parameters.js';
import { jsonObject } from '../responses/member-schemas.js';
import { planOf } from '../workflows/submission.mapping.js';
import { planMember } from '../workflows/submission.requests.js';

export const simulationBody = z
  .strictObject({
    user_id: idMember.meta({ description: 'Who asks.' }),
    intent: z.exactOptional(z.string()).meta({ description: 'What is wanted, in words. May be absent where a plan is given.' }),
    plan: z.exactOptional(planMember),
    require_approval_from: z.exactOptional(approvalThreshold),
    time_zone: z.exactOptional(timeZone),
  })
  .refine(({ intent, plan }) => intent !== undefined || plan !== undefined, {
    path: ['intent'],
    message: 'is required where there is no plan',
  })
  .meta({ id: 'Simulation', example: { user_id: 1, intent: 'Apply to 2 backend jobs' } });
export type SimulationBody = z.infer<typeof simulationBody>;

export const simulationSchema = z
  .strictObject({
    steps: z.array(
      z
        .strictObject({
          key: z.string().meta({ example: 'submit-1' }),
          name: z.string(),
          tool: z.string().meta({ example: 'job_submit' }),
          tool_version: z.string(),
          args: jsonObject.meta({ description: 'As planned: references stand for what is not known yet.' }),
          depends_on: z
            .array(z.string())
            .meta({ description: 'Keys of the steps that must succeed first, those that are referred to included.' }),
          risk_level: z.enum(RISK_LEVELS),
          verdict: z.enum(['auto', 'approval']).meta({ description: 'Whether it would run by itself or wait for a person.' }),
          rule: z.string().meta({ description: 'What decided that.', example: 'L3 steps wait for a person (configured from L3)' }),
          irreversible: z.boolean().meta({ description: 'It has an effect and its tool has no undo.' }),
          rejection_skips: z.array(z.string()).meta({
            description:
              'Keys of the steps that would be skipped if this one were rejected: the first 100 in the order of the plan, fewer where keys are very long.',
          }),
          rejection_skips_count: z.int().meta({ description: 'Of all.' }),
        })
        .meta({ id: 'SimulatedStep' }),
    ),
    planner: z.string().meta({ description: 'Who makes the plan; `given` where the request brings it.', example: 'rule-based' }),
  })
  .meta({ id: 'SimulatedPlan' });

export const simulationOf = ({
  intent,
  plan,
  require_approval_from: approvalFrom,
  time_zone: zone,
}: SimulationBody): SimulatePlan['submission'] => ({
  ...(intent === undefined ? {} : { intent }),
  ...(plan === undefined ? {} : { plan: planOf(plan) }),
  ...(approvalFrom === undefined ? {} : { approvalFrom }),
  ...(zone === undefined ? {} : { timeZone: zone }),
});

export const presentSimulation = ({ steps, planner }: SimulatedPlan): z.infer<typeof simulationSchema> => ({
  steps: steps.map(({ step, verdict, rule, irreversible, rejectionSkips }) => ({
    key: step.key,
    name: step.name,
    tool: step.tool,
    tool_version: step.toolVersion,
    args: step.args,
    depends_on: [...step.dependsOn],
    risk_level: step.riskLevel,
    verdict,
    rule,
    irreversible,
    rejection_skips: rejectionSkips.steps.map(({ key }) => key),
    rejection_skips_count: rejectionSkips.count,
  })),
  planner,
});
