import { Inject, Injectable } from '@nestjs/common';
import { BACKGROUND_LOOPS, type BackgroundLoops } from '../background-loops.js';
import {
  READ_MODEL_PROGRESS,
  TOOL_WAITS_READER,
  type LimitedWait,
  type ReadModelProgress,
  type ToolWaitsReader,
} from '../ports/read-models.js';
import { TOOLS, type Tools } from '../ports/tools.js';
import { Pauses } from '../pauses/pauses.js';
import { bySystem } from '../workflow/cause.js';
import { unlessRefused } from '../workflow/unless-refused.js';
import { WorkflowDecisions } from '../workflow/workflow-decisions.js';
import { Rounds } from './rounds.js';
import { StartLimits } from './start-limits.js';

/** Steps looked at in one round. */
const ROUND = 200;
/** The read model is asked at least this often, in milliseconds. */
const LONGEST_WAIT_MS = 5_000;
/** … and at most this often: attempts of people who may have few at once end often. */
const SHORTEST_WAIT_MS = 50;
/** By then what was offered has begun, or waits again, in milliseconds. */
const SETTLED_MS = 250;

/** Takes up steps that wait for room within a limit, the more urgent first, as many as there is room for. One for which there is none after all waits again. */
@Injectable()
export class LimitOffers {
  private readonly rounds: Rounds;
  private unlisten: (() => void) | undefined;

  constructor(
    @Inject(TOOL_WAITS_READER) private readonly waits: ToolWaitsReader,
    @Inject(READ_MODEL_PROGRESS) private readonly progress: ReadModelProgress,
    @Inject(TOOLS) private readonly tools: Tools,
    private readonly decisions: WorkflowDecisions,
    private readonly limits: StartLimits,
    private readonly pauses: Pauses,
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
    const unlisten = [this.progress.onCommit(wake, ['tool-waits']), this.pauses.onChange(wake), this.limits.onRoom(wake)];
    this.unlisten = () => unlisten.forEach((end) => end());
    this.rounds.start();
  }

  async stop(): Promise<void> {
    this.unlisten?.();
    await this.rounds.stop();
  }

  private async offer(): Promise<number> {
    // Those without room would fill the round, and keep it from those that have some.
    const callable = this.tools.manifests().filter(({ name }) => !this.pauses.holds(name) && this.limits.roomOfTool(name) > 0);
    const mine = callable.map(({ name, version }) => ({ tool: name, toolVersion: version }));
    const waiting = await this.waits.limited(mine, this.limits.fullUsers(), ROUND);
    const offered = this.thatFit(waiting);
    await Promise.all(
      offered.map(({ workflowId, stepId, attempt }) =>
        unlessRefused(this.decisions, workflowId, { type: 'OfferTool', data: { stepId, attempt } }, bySystem('limit-offers')),
      ),
    );
    // What was offered may not have begun yet: only then is it known when there is room for those that are left.
    const isLeft = waiting.length > offered.length || waiting.length === ROUND;
    return Math.min(isLeft ? SETTLED_MS : LONGEST_WAIT_MS, this.limits.nextRoomInMs());
  }

  private thatFit(waiting: readonly LimitedWait[]): readonly LimitedWait[] {
    const ofTools = new Map<string, number>();
    const ofUsers = new Map<number, number>();
    return waiting.filter(({ tool, userId }) => {
      const ofTool = ofTools.get(tool) ?? this.limits.roomOfTool(tool);
      const ofUser = ofUsers.get(userId) ?? this.limits.roomOfUser(userId);
      const fits = ofTool > 0 && ofUser > 0;
      ofTools.set(tool, fits ? ofTool - 1 : ofTool);
      ofUsers.set(userId, fits ? ofUser - 1 : ofUser);
      return fits;
    });
  }
}
