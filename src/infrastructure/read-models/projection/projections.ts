import type { ReadModelName } from '../../../application/ports/read-models.js';
import { analyticsProjection } from '../analytics/analytics.projection.js';
import { approvalsProjection } from '../approvals/approvals.projection.js';
import { deadLettersProjection } from '../dead-letters/dead-letters.projection.js';
import { deliveriesProjection } from '../deliveries/deliveries.projection.js';
import { parkedEventsProjection } from '../parked-events/parked-events.projection.js';
import { schedulesProjection } from '../schedules/schedules.projection.js';
import { timelineProjection } from '../timeline/timeline.projection.js';
import { timersProjection } from '../timers/timers.projection.js';
import { toolWaitsProjection } from '../tool-waits/tool-waits.projection.js';
import { workflowsProjection } from '../workflows/workflows.projection.js';
import type { Projection } from './projection.js';

/** One for each name: one that is forgotten, or stands under another's name, does not compile. */
const PROJECTION_OF: { readonly [N in ReadModelName]: Projection<N> } = {
  workflows: workflowsProjection,
  timeline: timelineProjection,
  approvals: approvalsProjection,
  'dead-letters': deadLettersProjection,
  timers: timersProjection,
  'tool-waits': toolWaitsProjection,
  'parked-events': parkedEventsProjection,
  schedules: schedulesProjection,
  analytics: analyticsProjection,
  deliveries: deliveriesProjection,
};

/** Every read model. */
export const PROJECTIONS: readonly Projection[] = Object.values(PROJECTION_OF);
