import type { Rule } from './rule.js';
import { applyToJobs } from './rules/apply-to-jobs.rule.js';
import { planGroceries } from './rules/plan-groceries.rule.js';
import { scheduleActivity } from './rules/schedule-activity.rule.js';
import { sendEmail } from './rules/send-email.rule.js';

/** In the order in which they are asked. A new one is one file and one line here. */
export const RULES: readonly Rule[] = [applyToJobs, scheduleActivity, planGroceries, sendEmail];
