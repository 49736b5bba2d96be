import type { JsonObject } from '../../src/domain/json.js';
import type { StoredEvent } from './simulated-log.js';

export interface Ready {
  readonly attempt: number;
  readonly tool: string;
  readonly toolVersion: string;
  readonly args: JsonObject;
  readonly argsHash: string;
  /** The request on which it rests, where one was needed. */
  readonly request: Request | undefined;
}

export interface Request {
  readonly approvalId: number;
  readonly argsHash: string;
  readonly toolVersion: string;
  readonly args: JsonObject;
  decision: 'granted' | 'rejected' | undefined;
  /** A person has had the step tried again since: what it grants counts no more. */
  isFormer: boolean;
}

export interface Start {
  readonly event: StoredEvent;
  readonly worker: string;
  readonly key: string;
  readonly ready: Ready | undefined;
  outcome: StoredEvent | undefined;
}

/** What is known of a step from the log, folded by the checker alone. */
export interface StepHistory {
  readonly stepId: number;
  readonly key: string;
  readonly tool: string;
  readonly dependsOn: readonly string[];
  readonly toleratesSkips: boolean;
  readonly mustAsk: boolean;
  readonly readies: Map<number, Ready>;
  readonly starts: Map<number, Start>;
  readonly requests: Map<number, Request>;
  /** Keys of its calls by how often a person had changed its arguments. */
  readonly keys: Map<number, string>;
  toolVersion: string;
  /** Attempts since it was planned, or a person had it tried again. */
  tries: number;
  orders: number;
  edits: number;
  due: { readonly attempt: number; readonly at: number } | undefined;
  /** An attempt at a tool that is not idempotent left open what it did. */
  isInDoubt: boolean;
  is: 'open' | 'succeeded' | 'skipped' | 'dead-letter' | 'waits-for-tool';
}

/** A run as the checker sees it. */
export interface RunHistory {
  readonly workflowId: number;
  readonly intent: string;
  readonly steps: Map<number, StepHistory>;
  readonly stopped: StoredEvent | undefined;
}
