import { isAtLeast, type RiskLevel } from './risk-level.js';

/** From which risk level a run's steps wait for a person. L3 always does; `L2` asks for medium-risk writes too. */
export const APPROVAL_THRESHOLDS = ['L2', 'L3'] as const;
export type ApprovalThreshold = (typeof APPROVAL_THRESHOLDS)[number];

export const needsApproval = (riskLevel: RiskLevel, approvalFrom: ApprovalThreshold): boolean => isAtLeast(riskLevel, approvalFrom);

/** In words, which rule decides whether steps of a risk level wait. `configured` is the threshold of runs that ask for none. */
export function approvalRule(riskLevel: RiskLevel, approvalFrom: ApprovalThreshold, configured: ApprovalThreshold): string {
  const outcome = needsApproval(riskLevel, approvalFrom) ? 'wait for a person' : 'run by themselves';
  return `${riskLevel} steps ${outcome} (${approvalFrom === configured ? 'configured' : 'asked for'} from ${approvalFrom})`;
}

/** The stricter of two thresholds, so that a submission can tighten the configured one but not loosen it. */
export const stricterThreshold = (a: ApprovalThreshold, b: ApprovalThreshold): ApprovalThreshold => (isAtLeast(a, b) ? b : a);

/** Why a step waits, in the words of the quick start. */
export const approvalReason = (stepName: string, riskLevel: RiskLevel): string =>
  `${riskLevel === 'L3' ? 'High-risk' : 'Medium-risk'} operation: ${stepName} (risk level: ${riskLevel})`;
