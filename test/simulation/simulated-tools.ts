import type { CheckedOutput, ToolCall, ToolOutcome, ToolPlace, Tools } from '../../src/application/ports/tools.js';
import type { Json, JsonObject } from '../../src/domain/json.js';
import type { ToolManifest } from '../../src/domain/tool/tool-manifest.js';
import type { EffectCertainty } from '../../src/domain/workflow/lifecycle.js';
import type { CallRecord, EffectRecord } from './history.js';
import type { Random } from './random.js';
import { WORLD, type Owner, type VirtualClock } from './virtual-clock.js';

const ABORT_GRACE_MS = 5_000;

const failure = (code: string, retryable: boolean, effect: EffectCertainty): ToolOutcome => ({
  kind: 'failure',
  error: { code, message: `It ended with ${code}.`, retryable, effect },
});

/** The services behind the tools, which all workers share and which outlive them: what was done there is done. */
export class ToolServices {
  readonly calls: CallRecord[] = [];
  readonly effects: EffectRecord[] = [];
  /** Whether calls fail, hang and are slow. */
  isFaulty = true;
  /** How much of that there is: 1 is one call in four. */
  badness = 1;
  private readonly done = new Set<string>();

  constructor(
    readonly clock: VirtualClock,
    readonly random: Random,
  ) {}

  /** What a call does to the world: at an idempotent tool once for each key. */
  act({ effect, name }: ToolManifest, call: CallRecord): void {
    if (effect === 'read-only') return;
    const key = `${name} ${call.key}`;
    if (effect === 'idempotent' && this.done.has(key)) return;
    this.done.add(key);
    this.effects.push({ tool: name, key: call.key, args: call.args, attempt: call.attempt, step: this.clock.step });
  }
}

/** How a call goes, as the dice say before it begins. */
interface Fate {
  /** Milliseconds from its beginning, if it comes to that. */
  readonly effectAt: number | undefined;
  readonly endsAt: number;
  readonly outcome: 'success' | ToolOutcome;
  /** It heeds an abort as long as nothing has happened yet. */
  readonly isPolite: boolean;
}

/** The tools of one worker, which keeps to the contract of the port and otherwise does what tools do: fail, hang, be slow, fail after the effect. */
export class SimulatedTools implements Tools {
  private readonly inside = new Map<string, number>();
  private readonly listeners: (() => void)[] = [];

  constructor(
    private readonly services: ToolServices,
    private readonly owner: Owner,
    private readonly known: ReadonlyMap<string, ToolManifest>,
  ) {}

  manifests(): readonly ToolManifest[] {
    return [...this.known.values()];
  }

  manifest(name: string): ToolManifest | undefined {
    return this.known.get(name);
  }

  checkArgs(_tool: string, args: JsonObject): string | undefined {
    return typeof args['text'] === 'string' ? undefined : 'text is missing';
  }

  checkOutput(_tool: string, output: Json): CheckedOutput {
    return { kind: 'output', output };
  }

  tryEnter(tool: string): ToolPlace | undefined {
    const inside = this.inside.get(tool) ?? 0;
    if (inside >= (this.known.get(tool)?.concurrency ?? 0)) return undefined;
    this.inside.set(tool, inside + 1);
    return {
      leave: () => {
        this.inside.set(tool, this.inside.get(tool)! - 1);
        for (const listener of this.listeners) listener();
      },
    };
  }

  onPlaceFree(listener: () => void): void {
    this.listeners.push(listener);
  }

  async call({ tool, place, args, idempotencyKey: key, attempt, signal }: ToolCall): Promise<ToolOutcome> {
    const manifest = this.known.get(tool);
    if (!manifest || signal.aborted) {
      place?.leave();
      return manifest ? failure('tool.aborted', true, 'none') : failure('tool.unknown', false, 'none');
    }
    const { clock } = this.services;
    const record: CallRecord = {
      worker: this.owner.name,
      tool,
      version: manifest.version,
      args,
      key,
      attempt,
      began: clock.step,
      time: clock.instant(),
      answered: Infinity,
      left: Infinity,
    };
    this.services.calls.push(record);
    const outcome = await this.run(manifest, record, signal, () => {
      record.left = clock.step;
      place?.leave();
    });
    record.answered = clock.step;
    return outcome;
  }

  private run(manifest: ToolManifest, record: CallRecord, signal: AbortSignal, leave: () => void): Promise<ToolOutcome> {
    const { clock } = this.services;
    const { owner } = this;
    const fate = this.fateOf(manifest);
    const unknown: EffectCertainty = manifest.effect === 'read-only' ? 'none' : 'unknown';
    return new Promise((resolve) => {
      let hasActed = false;
      const act =
        fate.effectAt === undefined
          ? undefined
          : clock.plan(fate.effectAt, WORLD, () => {
              hasActed = true;
              this.services.act(manifest, record);
            });
      const timer = clock.plan(manifest.timeoutMs, owner, () => resolve(failure('tool.timed-out', true, unknown)));
      const end = clock.plan(fate.endsAt, owner, () => {
        timer.cancelled = true;
        signal.removeEventListener('abort', abort);
        leave();
        const { text } = record.args as { readonly text: string };
        resolve(fate.outcome === 'success' ? { kind: 'success', output: { text, attempt: record.attempt } } : fate.outcome);
      });
      const abort = (): void => {
        if (!fate.isPolite || hasActed) {
          clock.plan(ABORT_GRACE_MS, owner, () => resolve(failure('tool.aborted', true, unknown)));
          return;
        }
        for (const task of [act, timer, end]) if (task) task.cancelled = true;
        leave();
        resolve(failure('tool.aborted', true, 'none'));
      };
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  private fateOf({ timeoutMs, effect }: ToolManifest): Fate {
    const { random, isFaulty, badness } = this.services;
    const isSlow = isFaulty && random.chance(0.15);
    const effectAt = isSlow ? random.between(50, 1.5 * timeoutMs) : random.between(1, 40);
    const endsAt = effectAt + random.between(1, isSlow ? 500 : 20);
    const isPolite = random.chance(0.6);
    const unknown: EffectCertainty = effect === 'read-only' ? 'none' : 'unknown';
    const success: Fate = { effectAt, endsAt, outcome: 'success', isPolite };
    if (!isFaulty) return success;
    const luck = random.next() / badness;
    if (luck < 0.1) return { effectAt: undefined, endsAt, outcome: failure('tool.unlucky', true, 'none'), isPolite };
    if (luck < 0.18) return { effectAt, endsAt, outcome: failure('tool.failed', true, unknown), isPolite };
    if (luck < 0.23) return { effectAt: undefined, endsAt, outcome: failure('tool.refused', false, 'none'), isPolite };
    // Long after its time is up, and perhaps with an effect.
    if (luck < 0.28) return { effectAt: random.chance(0.5) ? effectAt : undefined, endsAt: 3 * timeoutMs, outcome: 'success', isPolite };
    return success;
  }
}
