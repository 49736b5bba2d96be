import type { AlertRule, ApprovalBacklogRule, FailureRateRule, ReadModelsBehindRule, StuckRunRule } from '../../domain/alert/alert-rule.js';
import { SETTLES_MS, type Finding } from '../../domain/alert/alert.js';
import type { AlertSignsReader } from '../ports/alerts.js';
import type { AnalyticsReader } from '../ports/analytics.js';
import type { Clock } from '../ports/clock.js';
import type { EventLog } from '../ports/event-log.js';
import type { ReadModelProgress } from '../ports/read-models.js';

/** What a rule comes to at a moment; undefined: nothing can be said for now. */
interface Judgement {
  readonly holds: boolean;
  readonly detail: string;
}

const duration = (ms: number): string => {
  const units: readonly (readonly [number, string])[] = [
    [24 * 60 * 60_000, 'day'],
    [60 * 60_000, 'hour'],
    [60_000, 'minute'],
    [1_000, 'second'],
  ];
  const [size, unit] = units.find(([each]) => ms >= each && ms % each === 0) ?? [1_000, 'second'];
  const count = Math.round(ms / size);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
};

const percent = (part: number): string => `${Math.round(part * 1_000) / 10} %`;

/** Looks at what rules are about. Remembers only what takes time to show: how long read models are behind, and since when a rule does not hold. */
export class Findings {
  /** Ends of the log that the read models were seen not to have reached, and when by `Clock.elapsed`: the oldest of them. */
  private behind: { readonly head: bigint; readonly since: number } | undefined;
  /** By `Clock.elapsed`. */
  private readonly quietSince = new Map<string, number>();

  constructor(
    private readonly signs: AlertSignsReader,
    private readonly analytics: AnalyticsReader,
    private readonly progress: ReadModelProgress,
    private readonly log: EventLog,
    private readonly clock: Clock,
  ) {}

  /** @throws what keeps it from knowing */
  async of(rule: AlertRule): Promise<Finding> {
    const { name, kind } = rule;
    const judged = await this.judge(rule, this.clock.now());
    const elapsed = this.clock.elapsed();
    if (!judged) return { name, kind, holds: 'unknown', detail: '' };
    if (judged.holds) this.quietSince.delete(name);
    else if (!this.quietSince.has(name)) this.quietSince.set(name, elapsed);
    const quietSince = this.quietSince.get(name);
    const isSettled = quietSince !== undefined && elapsed - quietSince >= SETTLES_MS;
    return { name, kind, holds: judged.holds ? 'yes' : isSettled ? 'settled' : 'unknown', detail: judged.detail };
  }

  private judge(rule: AlertRule, now: number): Promise<Judgement | undefined> {
    switch (rule.kind) {
      case 'failure_rate':
        return this.failureRate(rule, now);
      case 'stuck_run':
        return this.stuckRun(rule, now);
      case 'approval_backlog':
        return this.approvalBacklog(rule, now);
      case 'read_models_behind':
        return this.readModelsBehind(rule);
      default:
        return rule satisfies never;
    }
  }

  private async failureRate({ windowMs, above, atLeast, tool }: FailureRateRule, now: number): Promise<Judgement> {
    const from = now - windowMs;
    const figures = (await this.analytics.tools({ from, to: now, starts: [from] })).filter(
      (one) => tool === undefined || one.tool === tool,
    );
    const ended = figures.reduce((sum, { succeeded, failed }) => sum + succeeded + failed, 0);
    const failed = figures.reduce((sum, one) => sum + one.failed, 0);
    const rate = ended === 0 ? 0 : failed / ended;
    return {
      holds: ended >= atLeast && rate > above,
      detail: `${failed} of ${ended} attempts${tool === undefined ? '' : ` of ${tool}`} failed within ${duration(windowMs)}: ${percent(rate)}, more than ${percent(above)}`,
    };
  }

  private async stuckRun({ longerThanMs }: StuckRunRule, now: number): Promise<Judgement> {
    const { workflowIds, count } = await this.signs.stillRuns(new Date(now - longerThanMs).toISOString());
    const shown = workflowIds.join(', ');
    const runs = count === 1 ? `run ${shown}` : `${count} runs (${shown}${count > workflowIds.length ? ', …' : ''})`;
    return { holds: count > 0, detail: `nothing has happened in ${runs} for more than ${duration(longerThanMs)}` };
  }

  private async approvalBacklog({ moreThan, olderThanMs }: ApprovalBacklogRule, now: number): Promise<Judgement> {
    const { count, oldest } = await this.signs.waitingApprovals();
    const isMany = moreThan !== undefined && count > moreThan;
    const isOld = olderThanMs !== undefined && oldest !== null && now - Date.parse(oldest) > olderThanMs;
    const said = [...(isMany ? [`more than ${moreThan}`] : []), ...(isOld ? [`one of them for longer than ${duration(olderThanMs)}`] : [])];
    return { holds: isMany || isOld, detail: `${count} ${count === 1 ? 'approval waits' : 'approvals wait'}: ${said.join(', ')}` };
  }

  private async readModelsBehind({ longerThanMs }: ReadModelsBehindRule): Promise<Judgement | undefined> {
    const elapsed = this.clock.elapsed();
    const head = await this.log.headPosition();
    // Without its database a read model is as far as nobody knows.
    const hold = (position: bigint): Promise<boolean> => this.progress.waitFor(position, 0).catch(() => false);
    // What they lack of an earlier end they lack of this one.
    const isStillBehind = this.behind !== undefined && !(await hold(this.behind.head));
    if (!isStillBehind) this.behind = (await hold(head)) ? undefined : { head, since: elapsed };
    if (!this.behind) return { holds: false, detail: '' };
    const isLong = elapsed - this.behind.since > longerThanMs;
    const position = await this.progress.position().catch(() => undefined);
    const where = position === undefined ? 'do not answer' : `are at position ${position} of ${head}`;
    const detail = `read models ${where}, and have been behind for more than ${duration(longerThanMs)}`;
    return isLong ? { holds: true, detail } : undefined;
  }
}
