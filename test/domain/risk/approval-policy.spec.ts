import {
  APPROVAL_THRESHOLDS,
  approvalReason,
  approvalRule,
  needsApproval,
  stricterThreshold,
} from '../../../src/domain/risk/approval-policy.js';
import { higherRisk, RISK_LEVELS } from '../../../src/domain/risk/risk-level.js';

describe('the approval policy', () => {
  it.each([
    ['L3', ['L3']],
    ['L2', ['L2', 'L3']],
  ] as const)('from %s asks for %j', (threshold, asked) => {
    expect(RISK_LEVELS.filter((level) => needsApproval(level, threshold))).toEqual(asked);
  });

  it('is tightened by a submission, never loosened', () => {
    for (const a of APPROVAL_THRESHOLDS)
      for (const b of APPROVAL_THRESHOLDS) {
        const both = stricterThreshold(a, b);
        for (const level of RISK_LEVELS) expect(needsApproval(level, both)).toBe(needsApproval(level, a) || needsApproval(level, b));
      }
  });

  it('says why, as the quick start does', () => {
    expect(approvalReason('Submit job application 1', 'L3')).toBe('High-risk operation: Submit job application 1 (risk level: L3)');
    expect(approvalReason('Send e-mail', 'L2')).toBe('Medium-risk operation: Send e-mail (risk level: L2)');
  });
});

describe('risk levels', () => {
  it('are ordered', () => {
    expect(higherRisk('L0', 'L3')).toBe('L3');
    expect(higherRisk('L2', 'L1')).toBe('L2');
    expect(higherRisk('L1', 'L1')).toBe('L1');
  });

  it.each([
    ['L3', 'L3', 'L3', 'L3 steps wait for a person (configured from L3)'],
    ['L2', 'L2', 'L3', 'L2 steps wait for a person (asked for from L2)'],
    ['L2', 'L3', 'L3', 'L2 steps run by themselves (configured from L3)'],
    ['L0', 'L2', 'L2', 'L0 steps run by themselves (configured from L2)'],
  ] as const)(
    'says which rule decides about an %s step where people are asked from %s, and from %s by configuration',
    (level, from, configured, rule) => {
      expect(approvalRule(level, from, configured)).toBe(rule);
    },
  );
});
