import { Inject, Injectable } from '@nestjs/common';
import { BACKGROUND_LOOPS, type BackgroundLoops } from '../background-loops.js';
import type { ToolManifest } from '../../domain/tool/tool-manifest.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import {
  READ_MODEL_PROGRESS,
  TOOL_WAITS_READER,
  type ReadModelProgress,
  type ToolOfNode,
  type ToolWaitsReader,
} from '../ports/read-models.js';
import { TOOLS, type Tools } from '../ports/tools.js';
import { Pauses } from '../pauses/pauses.js';
import { Rounds } from './rounds.js';
import { StartLimits } from './start-limits.js';
import { TakingUp } from './taking-up.js';

/** Steps looked at in one round. */
const ROUND = 200;
/** The read model is asked at least this often, in milliseconds. */
const LONGEST_WAIT_MS = 5_000;
/** … and at most this often: attempts of people who may have few at once end often. */
const SHORTEST_WAIT_MS = 50;
/** A step that waits for room at a tool which this node does not have is left to other nodes for so long, in milliseconds. */
const STRAYS_MS = 60_000;

/** Takes up steps that wait for room within a limit, the more urgent first, as many as there is room for. One for which there is none after all waits again. */
@Injectable()
export class LimitOffers {
  private readonly rounds: Rounds;
  private unlisten: (() => void) | undefined;
  /** By `Clock.elapsed`. */
  private lookedForStrays = -Infinity;

  constructor(
    @Inject(TOOL_WAITS_READER) private readonly waits: ToolWaitsReader,
    @Inject(READ_MODEL_PROGRESS) private readonly progress: ReadModelProgress,
    @Inject(TOOLS) private readonly tools: Tools,
    private readonly takingUp: TakingUp,
    private readonly limits: StartLimits,
    private readonly pauses: Pauses,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(BACKGROUND_LOOPS) loops: BackgroundLoops,
  ) {
    this.rounds = new Rounds(loops, {
      name: 'offering room within limits',
      longestWaitMs: LONGEST_WAIT_MS,
      shortestWaitMs: SHORTEST_WAIT_MS,
      round: () => this.offer(),
    });
  }

  start(): void {
    const wake = (): void => this.rounds.wake();
    const unlisten = [
      this.progress.onCommit(wake, ['tool-waits']),
      this.pauses.onChange(wake),
      this.limits.onRoom(wake),
      this.takingUp.onPlace(wake),
    ];
    this.unlisten = () => unlisten.forEach((end) => end());
    this.rounds.start();
  }

  async stop(): Promise<void> {
    this.unlisten?.();
    await this.rounds.stop();
  }

  private async offer(): Promise<number> {
    await this.offerStrays();
    // Those without room would fill the round, and keep it from those that have some.
    const callable = this.tools.manifests().filter(({ name }) => !this.pauses.holds(name) && this.limits.roomOfTool(name) > 0);
    const waiting = await this.waits.limited(callable.map(toolOf), this.limits.fullUsers(), ROUND);
    await Promise.all(waiting.map((wait) => this.takingUp.takeUp(wait, 'limit-offers')));
    if (waiting.length < ROUND) this.limits.stillWait(waiting);
    // Those that were offered leave the read model a moment later; its commit wakes us again.
    return Math.min(LONGEST_WAIT_MS, this.limits.nextRoomInMs());
  }

  /** Nobody takes up those whose tool has another version by now: made ready once more they are found to lack it, and wait for a person. */
  private async offerStrays(): Promise<void> {
    const now = this.clock.elapsed();
    if (now - this.lookedForStrays < STRAYS_MS) return;
    this.lookedForStrays = now;
    const since = new Date(this.clock.now() - STRAYS_MS).toISOString();
    const strays = await this.waits.limitedOfOthers(this.tools.manifests().map(toolOf), since, ROUND);
    await Promise.all(strays.map((wait) => this.takingUp.offer(wait, 'limit-offers')));
  }
}

const toolOf = ({ name, version }: ToolManifest): ToolOfNode => ({ tool: name, toolVersion: version });
