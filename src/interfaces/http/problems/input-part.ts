import type { InputPart, StatedMember } from '../../../domain/workflow/workflow.errors.js';
import { pointerTo } from '../requests/json-text.js';

/** A step's members as a request names them. */
const STEP_MEMBERS: Readonly<Record<StatedMember, string>> = {
  key: 'key',
  name: 'name',
  tool: 'tool',
  args: 'args',
  dependsOn: 'depends_on',
  riskLevel: 'risk_level',
};

/** JSON Pointer into a request to the part of the input that the domain names. */
export function pointerToPart(part: InputPart): string {
  switch (part[0]) {
    case 'intent':
      return '/intent';
    case 'decisions':
      return '/decisions';
    case 'argsHash':
      return '/args_hash';
    case 'from':
      return '/from';
    case 'deadline':
      return '/deadline';
    case 'cron':
      return '/cron';
    case 'args':
      return '/args';
    case 'output':
      return '/output';
    case 'steps':
      return '/plan/steps';
    case 'step': {
      const [, index, member, ...below] = part;
      return pointerTo(['plan', 'steps', index, STEP_MEMBERS[member], ...below]);
    }
  }
}
