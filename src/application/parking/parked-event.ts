import type { Act } from '../workflow/act.js';

/** Names a parked event: the run, the event's revision in its stream, and the handler that could not deal with it. */
export interface ParkedEventAddress {
  readonly workflowId: number;
  readonly revision: number;
  readonly handler: string;
}

export interface ParkedEventAct extends Act, ParkedEventAddress {}
