import { readFileSync } from 'node:fs';
import { ALERT_SHAPES, alertEventOf } from '../../src/application/alerts/alert-codec.js';
import { SEQUENCE_SHAPES } from '../../src/application/ids/sequences.js';
import { OFFER_SHAPES, stepOfferOf } from '../../src/application/execution/step-offers.js';
import { isReadable, type ReadableShapes } from '../../src/application/newer-event.js';
import { NODE_SHAPES, nodeEventOf } from '../../src/application/nodes/node-codec.js';
import { CHANNEL_SHAPES, channelEventOf } from '../../src/application/notifications/channel-codec.js';
import { DELIVERY_SHAPES, deliveryEventOf } from '../../src/application/notifications/delivery-codec.js';
import { PAUSE_SHAPES } from '../../src/application/pauses/pauses.js';
import type { RecordedEvent } from '../../src/application/ports/event-log.js';
import { SCHEDULE_SHAPES, scheduleEventOf } from '../../src/application/schedules/schedule-codec.js';
import { APPROVAL_ADDRESS_SHAPES } from '../../src/application/workflow/approval-addresses.js';
import { CLAIM_SHAPES } from '../../src/application/workflow/submission-claims.js';
import { WORKFLOW_SHAPES, workflowEventOf } from '../../src/application/workflow/workflow-codec.js';
import { evolveAlerts, NO_ALERTS } from '../../src/domain/alert/alert.js';
import { evolveChannels } from '../../src/domain/notification/channel.js';
import { evolveDelivery } from '../../src/domain/notification/delivery.js';
import { evolve as evolveSchedule } from '../../src/domain/schedule/schedule.state.js';
import { evolveAll } from '../../src/domain/workflow/evolve.js';
import { timelineEntry } from '../../src/domain/workflow/timeline.js';
import { initialWorkflow } from '../../src/domain/workflow/workflow.state.js';
import { goldenEvents, goldenNames, recordedSums, sumOf } from './golden-events.js';

type Read = (recorded: RecordedEvent) => { readonly type: string; readonly data: object } | undefined;

/** Where nothing is read but what is stored. */
const asStored =
  (shapes: ReadableShapes): Read =>
  (recorded) =>
    isReadable(recorded, shapes) ? recorded : undefined;

/** Every kind of stream that the engine writes to. */
const STREAMS: readonly (readonly [stream: RegExp, shapes: ReadableShapes, read: Read])[] = [
  [/^workflow-/, WORKFLOW_SHAPES, workflowEventOf],
  [/^schedule-/, SCHEDULE_SHAPES, scheduleEventOf],
  [/^delivery-/, DELIVERY_SHAPES, deliveryEventOf],
  [/^notification-channels$/, CHANNEL_SHAPES, channelEventOf],
  [/^alerts$/, ALERT_SHAPES, alertEventOf],
  [/^node-/, NODE_SHAPES, nodeEventOf],
  [/^step-offers-/, OFFER_SHAPES, stepOfferOf],
  [/^pauses$/, PAUSE_SHAPES, asStored(PAUSE_SHAPES)],
  [/^sequence-/, SEQUENCE_SHAPES, asStored(SEQUENCE_SHAPES)],
  [/^approval-/, APPROVAL_ADDRESS_SHAPES, asStored(APPROVAL_ADDRESS_SHAPES)],
  [/^(submission|scheduling|occurrence|compensation)-/, CLAIM_SHAPES, asStored(CLAIM_SHAPES)],
];

const READ_AS = JSON.parse(readFileSync(new URL('./read-as.json', import.meta.url), 'utf8')) as Record<string, Record<string, unknown>>;

/** The data with other values at the given places, which are in words of keys. */
function changed(data: object, changes: Record<string, unknown> = {}): object {
  const copy = structuredClone(data) as Record<string, unknown>;
  for (const [place, value] of Object.entries(changes)) {
    const keys = place.split('.');
    const last = keys.pop()!;
    keys.reduce((within, key) => within[key] as Record<string, unknown>, copy)[last] = value;
  }
  return copy;
}

const events = goldenEvents();
const golden = (name: string): RecordedEvent => events.find((event) => event.name === name)!.recorded;

describe('golden events', () => {
  it('are as they were when they were added: README.md in their folder says why', () => {
    const now = new Map(goldenNames().map((name) => [name, sumOf(name)]));
    expect(now).toEqual(recordedSums());
  });

  it.each(
    STREAMS.flatMap(([, shapes]) =>
      [...shapes].flatMap(([type, newest]) => Array.from({ length: newest }, (_, n) => `${type}.v${n + 1}.json`)),
    ),
  )('are there for every type and version: %s', (name) => {
    expect(goldenNames()).toContain(name);
  });

  it.each(events)('are read by this version, and mean what they meant: $name', ({ name, recorded }) => {
    const found = STREAMS.filter(([stream]) => stream.test(recorded.streamId));
    expect(found).toHaveLength(1);
    const read = found[0]![2](recorded);
    expect(read).toMatchObject({ type: recorded.type, data: {} });
    expect(read!.data).toEqual(changed(recorded.data, READ_AS[name]));
    expect(name).toMatch(new RegExp(`^${recorded.type}\\.v${recorded.metadata.schemaVersion}(\\.[a-z-]+)?\\.json$`));
  });

  it('are all there that are read as something else', () => {
    expect(goldenNames()).toEqual(expect.arrayContaining(Object.keys(READ_AS)));
  });

  const ofRuns = events.filter(({ recorded }) => recorded.streamId.startsWith('workflow-'));

  it.each(ofRuns)('fold into a run and tell of themselves: $name', ({ recorded }) => {
    const before = ['WorkflowSubmitted.v1.first.json', 'WorkflowPlanned.v1.first.json'].map((name) => workflowEventOf(golden(name))!);
    const event = workflowEventOf(recorded)!;
    expect(evolveAll(initialWorkflow(7), [...before, event]).state).toBeDefined();
    // A member that is missing and not thought of shows in a sentence.
    expect(timelineEntry(event, 2)?.message ?? '').not.toMatch(/undefined|NaN|\[object/);
  });

  it('fold in the other streams', () => {
    for (const { recorded } of events) {
      const [delivery, channel, alert, schedule] = [deliveryEventOf, channelEventOf, alertEventOf, scheduleEventOf].map((read) => {
        try {
          return read(recorded);
        } catch {
          return undefined;
        }
      });
      if (delivery) expect(evolveDelivery(evolveDelivery(undefined, deliveryEventOf(golden('DeliveryPlanned.v1.json'))!), deliveryEventOf(recorded)!)).toBeDefined(); // prettier-ignore
      if (channel) expect(evolveChannels(evolveChannels(new Map(), channelEventOf(golden('ChannelCreated.v1.json'))!), channelEventOf(recorded)!)).toBeDefined(); // prettier-ignore
      if (alert) expect(evolveAlerts(evolveAlerts(NO_ALERTS, alertEventOf(golden('AlertBegan.v1.json'))!), alertEventOf(recorded)!)).toBeDefined(); // prettier-ignore
      if (schedule) expect(evolveSchedule(evolveSchedule(undefined, scheduleEventOf(golden('ScheduleCreated.v1.json'))!), scheduleEventOf(recorded)!)).toBeDefined(); // prettier-ignore
    }
  });
});
