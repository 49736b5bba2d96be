import type { EffectCertainty } from '../../domain/workflow/lifecycle.js';

/** Thrown by a tool to say how it failed. Anything else it throws is a retryable `tool.failed`. */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure';
  /** False: another attempt with the same arguments cannot succeed. */
  readonly retryable: boolean;
  /** Whether the world has been changed all the same; `none` where the tool does not say. */
  readonly effect: EffectCertainty;
  /** Not to be called again before, in milliseconds, as a service says with Retry-After. */
  readonly retryAfterMs: number | undefined;

  /**
   * @param code a stable word for programs, `<tool>.<what-is-wrong>`
   * @param message a sentence for people
   */
  constructor(
    readonly code: string,
    message: string,
    options: { readonly retryable?: boolean; readonly effect?: EffectCertainty; readonly retryAfterMs?: number } = {},
  ) {
    super(message);
    this.retryable = options.retryable ?? true;
    this.effect = options.effect ?? 'none';
    this.retryAfterMs = options.retryAfterMs;
  }
}
