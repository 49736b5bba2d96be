import { calendarCancel } from './connectors/calendar-cancel.js';
import { calendarCreate } from './connectors/calendar-create.js';
import { cvTailor } from './connectors/cv-tailor.js';
import { emailSend } from './connectors/email-send.js';
import { groceryPlan } from './connectors/grocery-plan.js';
import { jobSearch } from './connectors/job-search.js';
import { jobSubmit } from './connectors/job-submit.js';
import { jobWithdraw } from './connectors/job-withdraw.js';
import type { Tool } from './tool.js';

/** The tools that the engine ships. A new one is a file in `connectors/` and a line here. */
export const CATALOGUE: readonly Tool[] = [
  jobSearch,
  cvTailor,
  jobSubmit,
  jobWithdraw,
  calendarCreate,
  calendarCancel,
  groceryPlan,
  emailSend,
];
