import { Inject, Injectable } from '@nestjs/common';
import { BACKGROUND_LOOPS, type BackgroundLoops } from '../background-loops.js';
import { READ_MODEL_PROGRESS, TOOL_WAITS_READER, type ReadModelProgress, type ToolWaitsReader } from '../ports/read-models.js';
import { TOOLS, type Tools } from '../ports/tools.js';
import { Pauses } from '../pauses/pauses.js';
import { Rounds } from './rounds.js';
import { TakingUp } from './taking-up.js';

/** Steps offered in one round. */
const ROUND = 200;
/** The read model is asked at least this often, in milliseconds. */
const LONGEST_WAIT_MS = 5_000;
/** … and at most this often: a step whose pause was lifted may come to a node on which it has not been yet. */
const SHORTEST_WAIT_MS = 500;

/** Takes up steps that wait for a tool which this node has, and which is not paused. Two nodes that do so at once take effect once. */
@Injectable()
export class ToolOffers {
  private readonly rounds: Rounds;
  private unlisten: (() => void) | undefined;

  constructor(
    @Inject(TOOL_WAITS_READER) private readonly waits: ToolWaitsReader,
    @Inject(READ_MODEL_PROGRESS) private readonly progress: ReadModelProgress,
    @Inject(TOOLS) private readonly tools: Tools,
    private readonly takingUp: TakingUp,
    private readonly pauses: Pauses,
    @Inject(BACKGROUND_LOOPS) loops: BackgroundLoops,
  ) {
    this.rounds = new Rounds(loops, {
      name: 'offering tools',
      longestWaitMs: LONGEST_WAIT_MS,
      shortestWaitMs: SHORTEST_WAIT_MS,
      round: () => this.offer(),
    });
  }

  start(): void {
    const wake = (): void => this.rounds.wake();
    const unlisten = [this.progress.onCommit(wake, ['tool-waits']), this.pauses.onChange(wake), this.takingUp.onPlace(wake)];
    this.unlisten = () => unlisten.forEach((end) => end());
    this.rounds.start();
  }

  async stop(): Promise<void> {
    this.unlisten?.();
    await this.rounds.stop();
  }

  private async offer(): Promise<number> {
    const callable = this.tools.manifests().filter(({ name }) => !this.pauses.holds(name));
    const mine = callable.map(({ name, version }) => ({ tool: name, toolVersion: version }));
    const waiting = await this.waits.of(mine, ROUND);
    await Promise.all(waiting.map((wait) => this.takingUp.takeUp(wait, 'tool-offers')));
    return LONGEST_WAIT_MS;
  }
}
