import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../domain/json.js';
import { byHand } from '../../domain/workflow/by-hand.js';
import type { ByHand } from '../../domain/workflow/events/workflow-events.js';
import { ApplicationError } from '../application.errors.js';
import type { BackgroundLoops } from '../background-loops.js';
import { FollowedStreams } from '../followed-streams.js';
import { firstShapesOf, isReadable, nameNewer, readingOf } from '../newer-event.js';
import type { Clock } from '../ports/clock.js';
import type { EventFeed } from '../ports/event-feed.js';
import { RevisionConflict, type Actor, type EventLog, type NewEvent, type RecordedEvent } from '../ports/event-log.js';
import type { HealthCheck } from '../ports/health.js';
import type { Logger } from '../ports/logger.js';

/** Where pauses are recorded: never rename. */
const STREAM = 'pauses';
/** The types of its events, which are for ever as well. */
export const PAUSE_SHAPES = firstShapesOf(['PauseSet', 'PauseLifted']);

/** No step of a tool, or no step at all, starts. */
export interface Pause extends ByHand {
  readonly pauseId: number;
  /** Null: everything is paused. */
  readonly tool: string | null;
  /** ISO 8601, UTC. */
  readonly since: string;
}

export interface PauseAct extends ByHand {
  readonly actor: Actor;
}

const nameOf = ({ tool }: Pause): string => tool ?? 'everything';

const whyOf = ({ decidedBy, reason }: JsonObject): string =>
  `${typeof decidedBy === 'number' ? ` by user ${decidedBy}` : ''}${typeof reason === 'string' ? `: ${reason}` : ''}`;

/** What is to be recorded, and what is answered once it is. */
interface Decision {
  readonly type: string;
  readonly data: JsonObject;
  readonly answerOf: (revision: number, data: JsonObject) => Pause;
}

/** A pause as it was recorded. Its id is small, as all of the engine's: the place of its event, from 1. */
function pauseOf(revision: number, data: JsonObject): Pause {
  const { at, tool, ...act } = data as unknown as Pick<Pause, 'tool'> & ByHand & { readonly at: string };
  return { pauseId: revision + 1, tool, since: at, ...byHand(act) };
}

/**
 * The kill switch: while a pause is set, no node starts a step of its tool (or of any); what runs finishes. Recorded in the log, so that it holds over restarts, and followed by every
 * node: this one knows of its own at once, others a moment later.
 */
export class Pauses implements HealthCheck {
  readonly name = 'pauses';
  private readonly pauses = new Map<number, Pause>();
  private readonly listeners = new Set<() => void>();
  private readonly streams: FollowedStreams;
  private revision = -1;
  private isFollowing = false;
  /** A newer version of the engine has recorded something about pauses: what it means is not known here. */
  private isNotUnderstood = false;

  constructor(
    private readonly log: EventLog,
    feed: EventFeed,
    private readonly clock: Clock,
    private readonly loops: BackgroundLoops,
    private readonly logger: Logger,
  ) {
    const take = (event: RecordedEvent): Promise<void> => this.upTo(event);
    this.streams = new FollowedStreams(feed, loops, { filter: { streamPrefix: STREAM }, loop: 'listening to pauses', take });
  }

  /** To be awaited before anything is executed. @throws EventLogUnavailable */
  async start(): Promise<void> {
    const head = await this.log.headPosition();
    await this.readAsFarAsUnderstood();
    for (const pause of this.list()) this.logger.warn(`${nameOf(pause)} is paused since ${pause.since}: no step of it starts`);
    this.isFollowing = true;
    this.streams.follow(head);
  }

  async stop(): Promise<void> {
    await this.streams.close();
  }

  list(): readonly Pause[] {
    return [...this.pauses.values()];
  }

  /** Where not all that was recorded is understood, everything is held: a kill switch that may have been thrown counts as thrown. */
  holds(tool: string): boolean {
    if (this.isNotUnderstood) return true;
    if (this.pauses.size === 0) return false;
    for (const pause of this.pauses.values()) if (pause.tool === null || pause.tool === tool) return true;
    return false;
  }

  /** Calls back after pauses were set or lifted. Returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** One that is set already is answered with. @throws EventLogUnavailable, NewerEvent */
  async set(tool: string | null, act: PauseAct): Promise<Pause> {
    return this.decide(act, () => {
      const known = this.list().find((pause) => pause.tool === tool);
      return known ? { answer: known } : { type: 'PauseSet', data: { tool }, answerOf: pauseOf };
    });
  }

  /** @throws ApplicationError pause.not-found; EventLogUnavailable, NewerEvent */
  async lift(pauseId: number, act: PauseAct): Promise<Pause> {
    return this.decide(act, () => {
      const lifted = this.pauses.get(pauseId);
      if (!lifted) throw new ApplicationError('pause.not-found', `There is no pause ${pauseId}, or it has been lifted.`);
      return { type: 'PauseLifted', data: { pauseId }, answerOf: () => lifted };
    });
  }

  check(): Promise<string | void> {
    if (this.isNotUnderstood) return Promise.resolve('nothing starts: a newer version of the engine has recorded something about pauses');
    if (this.pauses.size === 0) return Promise.resolve();
    const names = this.list().map(({ tool, since }) => `${tool ?? 'everything'} since ${since}`);
    return Promise.resolve(`paused: ${names.join('; ')}`);
  }

  /** Decides over all pauses there are, and again where another process was quicker. */
  private async decide(act: PauseAct, decision: () => { readonly answer: Pause } | Decision): Promise<Pause> {
    for (;;) {
      await this.readOn();
      const decided = decision();
      if ('answer' in decided) return decided.answer;
      const id = randomUUID();
      const data = {
        at: new Date(this.clock.now()).toISOString(),
        ...decided.data,
        ...byHand(act),
      };
      const event: NewEvent = {
        id,
        type: decided.type,
        data,
        metadata: { $correlationId: STREAM, commandId: id, actor: act.actor, schemaVersion: 1 },
      };
      try {
        const { revision } = await this.log.append(STREAM, [event], this.revision < 0 ? 'no-stream' : this.revision);
        await this.readOn();
        return decided.answerOf(revision, data);
      } catch (error) {
        if (error instanceof RevisionConflict) continue;
        throw error;
      }
    }
  }

  /** @throws EventLogUnavailable, NewerEvent */
  private async readOn(): Promise<void> {
    for await (const event of this.log.readStream(STREAM, { from: this.revision + 1 })) this.apply(event);
    this.isNotUnderstood = false;
    this.loops.goesOn(readingOf(STREAM));
  }

  private async readAsFarAsUnderstood(): Promise<void> {
    try {
      await this.readOn();
    } catch (fault) {
      if (!nameNewer(fault, this.loops)) throw fault;
      this.isNotUnderstood = true;
    }
  }

  private apply(recorded: RecordedEvent): void {
    const { revision, type, data } = recorded;
    if (revision <= this.revision) return;
    // What is not the engine's own is nothing to know of, but has its place.
    isReadable(recorded, PAUSE_SHAPES);
    this.revision = revision;
    if (type === 'PauseSet') {
      const pause = pauseOf(revision, data);
      this.pauses.set(pause.pauseId, pause);
      if (this.isFollowing) this.logger.warn(`${nameOf(pause)} is paused${whyOf(data)}`);
    } else if (type === 'PauseLifted') {
      const lifted = this.pauses.get(data['pauseId'] as number);
      this.pauses.delete(data['pauseId'] as number);
      if (lifted && this.isFollowing) this.logger.warn(`${nameOf(lifted)} is paused no more${whyOf(data)}`);
    }
    for (const listener of this.listeners) listener();
  }

  /** What it does not know yet comes from the stream. */
  private async upTo({ streamId, revision }: RecordedEvent): Promise<void> {
    if (streamId === STREAM && revision > this.revision) await this.readAsFarAsUnderstood();
  }
}
