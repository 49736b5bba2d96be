/** L0 safe, L1 low-risk write, L2 medium-risk write (approval optional), L3 high-risk (approval always). Order matters. */
export const RISK_LEVELS = ['L0', 'L1', 'L2', 'L3'] as const;
export type RiskLevel = (typeof RISK_LEVELS)[number];

const rank = (level: RiskLevel): number => RISK_LEVELS.indexOf(level);

export const isAtLeast = (level: RiskLevel, threshold: RiskLevel): boolean => rank(level) >= rank(threshold);

/** The higher of two levels: a plan may raise a tool's risk, never lower it (invariant 26). */
export const higherRisk = (a: RiskLevel, b: RiskLevel): RiskLevel => (isAtLeast(a, b) ? a : b);
