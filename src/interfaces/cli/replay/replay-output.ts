import { describeWorkflow } from '../../../application/replay/describe-workflow.js';
import { differences } from '../../../application/replay/differences.js';
import { replay } from '../../../application/replay/replay-workflow.js';
import type { EventLog } from '../../../application/ports/event-log.js';
import type { Json } from '../../../domain/json.js';
import type { Terminal } from '../terminal.js';

/** Longest value printed in a line, in characters. */
const SHOWN = 100;

const short = (value: Json | undefined): string => {
  if (value === undefined) return '–';
  const text = JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
};

/** Prints each event of a run and what it changed. Answers with the number of events. */
export async function printReplay(log: EventLog, workflowId: number, terminal: Terminal): Promise<number> {
  let events = 0;
  for await (const { event, before, after } of replay(log, workflowId)) {
    events++;
    const { at, name, stepId } = event.data as { at: string; name?: Json; stepId?: number };
    const actor = event.metadata.actor;
    terminal.write(`#${event.revision} ${at} ${event.type}${actor ? ` by ${actor.kind} ${actor.id}` : ''}`);
    if (typeof name === 'string') terminal.write(`    ${name} (step ${stepId})`);
    for (const { path, before: was, after: is } of differences(describeWorkflow(before), describeWorkflow(after))) {
      if (path !== 'revision') terminal.write(`    ${path}: ${short(was)} → ${short(is)}`);
    }
  }
  return events;
}
