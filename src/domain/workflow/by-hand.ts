import type { ByHand } from './events/workflow-events.js';

/** The part of what a person does that an event records: who, and why, where they are told. */
export const byHand = ({ decidedBy, reason }: ByHand): ByHand => ({
  ...(decidedBy === undefined ? {} : { decidedBy }),
  ...(reason === undefined ? {} : { reason }),
});
