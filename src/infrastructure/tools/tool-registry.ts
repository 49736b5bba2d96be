import type { Clock } from '../../application/ports/clock.js';
import type { CheckedOutput, ToolCall, ToolOutcome, ToolPlace, Tools } from '../../application/ports/tools.js';
import type { Json, JsonObject } from '../../domain/json.js';
import type { EffectCertainty } from '../../domain/workflow/lifecycle.js';
import type { ToolManifest } from '../../domain/tool/tool-manifest.js';
import { summaryProblem } from '../../domain/tool/summary.js';
import { undoProblem } from '../../domain/tool/undo.js';
import { ConcurrencyLimit } from '../../application/concurrency-limit.js';
import type { Outbox } from './outbox.js';
import { plainJson } from './plain-json.js';
import { schemaProblems } from './schema-problems.js';
import { ToolFailure } from './tool-failure.js';
import type { Tool } from './tool.js';

/** What the registry's tools work with. */
export interface ToolServices {
  readonly outbox: Outbox;
  readonly clock: Pick<Clock, 'now'>;
}

/** Largest output of a tool, in bytes of its JSON text: outputs are stored in events. */
export const MAX_OUTPUT_BYTES = 256 * 1024;
const MAX_MESSAGE_LENGTH = 2_000;
/** How long a tool that is told to stop may take to say how it ended, in milliseconds. */
export const ABORT_GRACE_MS = 5_000;

interface Registered {
  readonly tool: Tool;
  readonly limit: ConcurrencyLimit;
}

const failure = (code: string, message: string, retryable: boolean, effect: EffectCertainty, retryAfterMs?: number): ToolOutcome => ({
  kind: 'failure',
  error: {
    code,
    message: message.slice(0, MAX_MESSAGE_LENGTH),
    retryable,
    effect,
    ...(retryAfterMs !== undefined && Number.isFinite(retryAfterMs) && retryAfterMs > 0 ? { retryAfterMs: Math.ceil(retryAfterMs) } : {}),
  },
});

/** Tools throw anything, even values that cannot be made a text of. */
function messageOf(thrown: unknown): string {
  try {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return message === '' ? 'The tool failed without saying why.' : message;
  } catch {
    return 'The tool failed without saying why.';
  }
}

/** An output as it is recorded: what the tool's schema keeps of it, in plain JSON. */
function plainOutput(tool: Tool, output: unknown): ReturnType<typeof plainJson> {
  const parsed = tool.output.safeParse(output);
  if (!parsed.success) return { kind: 'not-json', problem: schemaProblems(parsed.error, output, 'output field') };
  const plain = plainJson(parsed.data, MAX_OUTPUT_BYTES);
  return plain.kind === 'json' ? plain : { ...plain, problem: `${plain.problem}.` };
}

/** Holds the tools there are and calls them so that none can do the engine harm: whatever a tool does, a call ends in time, with an outcome. */
export class ToolRegistry implements Tools {
  private readonly tools = new Map<string, Registered>();
  private readonly listeners: (() => void)[] = [];

  /** @throws Error when two tools have the same name, or a tool is declared to be undone in a way that cannot work, or its summary names arguments that it does not take: mistakes in definitions */
  constructor(
    tools: readonly Tool[],
    private readonly services: ToolServices,
    private readonly abortGraceMs = ABORT_GRACE_MS,
  ) {
    for (const tool of tools) {
      const { name, concurrency } = tool.manifest;
      if (this.tools.has(name)) throw new Error(`Two tools are named "${name}".`);
      this.tools.set(name, { tool, limit: new ConcurrencyLimit(concurrency) });
    }
    for (const { manifest } of tools) {
      const problem = undoProblem(manifest, (name) => this.manifest(name));
      if (problem !== undefined) throw new Error(`The undo of "${manifest.name}" is wrong: ${problem}.`);
      const unreadable = summaryProblem(manifest);
      if (unreadable !== undefined) throw new Error(`What people read of "${manifest.name}" is wrong: ${unreadable}.`);
    }
  }

  manifests(): readonly ToolManifest[] {
    return [...this.tools.values()].map(({ tool }) => tool.manifest);
  }

  manifest(name: string): ToolManifest | undefined {
    return this.tools.get(name)?.tool.manifest;
  }

  checkArgs(tool: string, args: JsonObject): string | undefined {
    const registered = this.tools.get(tool);
    if (!registered) return `There is no tool "${tool}".`;
    const parsed = registered.tool.input.safeParse(args);
    return parsed.success ? undefined : schemaProblems(parsed.error, args, 'argument');
  }

  checkOutput(tool: string, output: Json): CheckedOutput {
    const registered = this.tools.get(tool);
    const checked = registered ? plainOutput(registered.tool, output) : plainJson(output, MAX_OUTPUT_BYTES);
    return checked.kind === 'json' ? { kind: 'output', output: checked.value } : { kind: 'invalid', problem: checked.problem };
  }

  tryEnter(tool: string): ToolPlace | undefined {
    const limit = this.tools.get(tool)?.limit;
    return limit?.tryEnter() ? this.placeIn(limit) : undefined;
  }

  onPlaceFree(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** A place, after waiting for it where necessary; undefined where the signal was aborted before. */
  private async enter({ limit }: Registered, signal: AbortSignal): Promise<ToolPlace | undefined> {
    return (await limit.enter(signal)) ? this.placeIn(limit) : undefined;
  }

  private placeIn(limit: ConcurrencyLimit): ToolPlace {
    return {
      leave: () => {
        limit.leave();
        for (const listener of this.listeners) listener();
      },
    };
  }

  /**
   * The failures have the codes `tool.unknown`, `tool.invalid-args` and `tool.invalid-output` (these three are not retryable), `tool.failed`, `tool.timed-out`,
   * `tool.aborted`, or what the tool says itself. A call that is aborted ends with what the tool
   * still says of it, for it may have had its effect already; where it says nothing for a while, nobody knows.
   */
  async call(call: ToolCall): Promise<ToolOutcome> {
    const registered = this.tools.get(call.tool);
    if (!registered) {
      call.place?.leave();
      return failure('tool.unknown', `There is no tool "${call.tool}".`, false, 'none');
    }
    const { tool } = registered;
    const place = call.place ?? (await this.enter(registered, call.signal));
    const refused = (outcome: ToolOutcome): ToolOutcome => {
      place?.leave();
      return outcome;
    };
    if (!place || call.signal.aborted) return refused(failure('tool.aborted', 'The call was aborted before it began.', true, 'none'));
    let input: ReturnType<typeof tool.input.safeParse>;
    try {
      input = tool.input.safeParse(call.args);
    } catch (thrown) {
      return refused(failure('tool.failed', messageOf(thrown), true, 'none'));
    }
    if (!input.success) return refused(failure('tool.invalid-args', schemaProblems(input.error, call.args, 'argument'), false, 'none'));
    return this.run(tool, input.data, call, place);
  }

  private async run(tool: Tool, input: unknown, call: ToolCall, place: ToolPlace): Promise<ToolOutcome> {
    const controller = new AbortController();
    const running = Promise.resolve().then(() =>
      tool.run(input, {
        idempotencyKey: call.idempotencyKey,
        attempt: call.attempt,
        timeZone: call.timeZone,
        signal: controller.signal,
        now: () => this.services.clock.now(),
        outbox: this.services.outbox.slot(tool.manifest.name, call.idempotencyKey, call.args),
      }),
    );
    // A tool that goes on after its time is up still keeps its place: what it does at once stays within its limit.
    const leave = (): void => place.leave();
    void running.then(leave, leave);

    let answer!: (outcome: ToolOutcome) => void;
    const stopped = new Promise<ToolOutcome>((resolve) => (answer = resolve));
    const stop = (outcome: ToolOutcome): void => {
      answer(outcome); // before the tool can answer the abort with an error of its own
      controller.abort();
    };
    const { timeoutMs, effect } = tool.manifest;
    const unknown: EffectCertainty = effect === 'read-only' ? 'none' : 'unknown';
    let grace: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      controller.abort();
      const unanswered = failure('tool.aborted', 'The call was aborted, and the tool did not say how it ended.', true, unknown);
      grace = setTimeout(() => answer(unanswered), this.abortGraceMs);
    };
    const tooLate = failure('tool.timed-out', `The tool did not answer within ${timeoutMs} ms.`, true, unknown);
    const timer = setTimeout(() => stop(tooLate), timeoutMs);
    call.signal.addEventListener('abort', onAbort, { once: true });
    const finished = running.then(
      (output) => this.success(tool, output),
      (thrown: unknown) =>
        thrown instanceof ToolFailure
          ? failure(thrown.code, thrown.message, thrown.retryable, thrown.effect, thrown.retryAfterMs)
          : call.signal.aborted
            ? failure('tool.aborted', `The call was aborted: ${messageOf(thrown)}`, true, unknown)
            : failure('tool.failed', messageOf(thrown), true, unknown),
    );
    try {
      return await Promise.race([stopped, finished]);
    } finally {
      clearTimeout(timer);
      clearTimeout(grace);
      call.signal.removeEventListener('abort', onAbort);
    }
  }

  private success(tool: Tool, output: unknown): ToolOutcome {
    const invalid = (problem: string): ToolOutcome =>
      failure(
        'tool.invalid-output',
        `The tool answered with something else than it promises: ${problem}`,
        false,
        tool.manifest.effect === 'read-only' ? 'none' : 'happened',
      );
    try {
      const plain = plainOutput(tool, output);
      return plain.kind === 'json' ? { kind: 'success', output: plain.value } : invalid(plain.problem);
    } catch (thrown) {
      return invalid(messageOf(thrown));
    }
  }
}
