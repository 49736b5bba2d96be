import { Inject, Injectable } from '@nestjs/common';
import { decideAlerts, evolveAlerts, NO_ALERTS, type AlertEvent, type Alerts, type Finding } from '../../domain/alert/alert.js';
import { BACKGROUND_LOOPS, type BackgroundLoops } from '../background-loops.js';
import { Rounds } from '../execution/rounds.js';
import { FoldedStream } from '../folded-stream.js';
import { messageOf } from '../message-of.js';
import { ALERT_SETTINGS, ALERT_SIGNS_READER, type AlertSettings, type AlertSignsReader } from '../ports/alerts.js';
import { ANALYTICS_READER, type AnalyticsReader } from '../ports/analytics.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import { EVENT_LOG, type EventLog } from '../ports/event-log.js';
import { LOGGER, type Logger } from '../ports/logger.js';
import { METRICS, type Metrics } from '../ports/metrics.js';
import { READ_MODEL_PROGRESS, type ReadModelProgress } from '../ports/read-models.js';
import { bySystem } from '../workflow/cause.js';
import { ALERTS_STREAM, alertEventOf } from './alert-codec.js';
import { Findings } from './findings.js';

/** Rules are looked at so often, in milliseconds. */
const EVERY_MS = 10_000;
const SHORTEST_WAIT_MS = 1_000;

const { actor: ACTOR } = bySystem('alerts');

/** Watches what the configured rules are about. That one begins or ends to hold is recorded once, whichever node sees it first. */
@Injectable()
export class AlertWatch {
  private readonly stream: FoldedStream<Alerts>;
  private readonly findings: Findings;
  private readonly rounds: Rounds;

  constructor(
    @Inject(ALERT_SETTINGS) private readonly settings: AlertSettings,
    @Inject(ALERT_SIGNS_READER) signs: AlertSignsReader,
    @Inject(ANALYTICS_READER) analytics: AnalyticsReader,
    @Inject(READ_MODEL_PROGRESS) progress: ReadModelProgress,
    @Inject(EVENT_LOG) log: EventLog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(METRICS) private readonly metrics: Metrics,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(BACKGROUND_LOOPS) loops: BackgroundLoops,
  ) {
    this.findings = new Findings(signs, analytics, progress, log, clock);
    this.stream = new FoldedStream(log, ALERTS_STREAM, NO_ALERTS, (alerts, recorded) => {
      const event = alertEventOf(recorded);
      return event ? evolveAlerts(alerts, event) : alerts;
    });
    const round = async (): Promise<number> => {
      await this.look();
      return EVERY_MS;
    };
    this.rounds = new Rounds(loops, { name: 'watching for alerts', longestWaitMs: EVERY_MS, shortestWaitMs: SHORTEST_WAIT_MS, round });
  }

  start(): void {
    this.rounds.start();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  /** As the log has them now. @throws EventLogUnavailable */
  list(): Promise<Alerts> {
    return this.stream.read();
  }

  /** One round. @throws what kept a rule from being judged, after the others were */
  async look(): Promise<void> {
    const looked = await Promise.allSettled(this.settings.rules.map((rule) => this.findings.of(rule)));
    const findings = looked.map((outcome, place): Finding => {
      const { name, kind } = this.settings.rules[place]!;
      return outcome.status === 'fulfilled' ? outcome.value : { name, kind, holds: 'unknown', detail: '' };
    });
    const events = await this.stream.decide((alerts) => decideAlerts(findings, alerts, new Date(this.clock.now()).toISOString()), ACTOR);
    for (const event of events) this.say(event);
    this.metrics.alerts(this.stream.state.active.size);
    const failed = looked.find((outcome) => outcome.status === 'rejected');
    if (failed) throw new Error(`a rule cannot be judged: ${messageOf(failed.reason)}`);
  }

  private say({ type, data }: AlertEvent): void {
    if (type === 'AlertBegan') this.logger.error(`alert ${data.alert} (${data.kind}) begins: ${data.detail}`);
    else this.logger.log(`alert ${data.alert} (${data.kind}) is over`);
  }
}
