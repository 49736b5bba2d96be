import type { JsonObject } from '../../../domain/json.js';
import type { PlanStep } from '../../../domain/plan/plan.js';

const MAX_KEY_LENGTH = 48;

interface DraftStep {
  /** Words that tell what the step does; its key is made of them. */
  readonly about: string;
  readonly name: string;
  readonly tool: string;
  readonly args: JsonObject;
  readonly dependsOn?: readonly string[];
}

/** A plan in the making: gives every step a key of its own. */
export class PlanDraft {
  private readonly planned: PlanStep[] = [];
  private readonly keys = new Set<string>();
  private submissions = 0;

  get steps(): readonly PlanStep[] {
    return this.planned;
  }

  /** Adds a step and answers with its key. */
  add({ about, name, tool, args, dependsOn = [] }: DraftStep): string {
    const base = snakeCase(about);
    let key = base;
    for (let number = 2; this.keys.has(key); number++) key = `${base}_${number}`;
    this.keys.add(key);
    this.planned.push({ key, name, tool, args, dependsOn });
    return key;
  }

  /** Applications are numbered through the whole plan. */
  nextSubmission(): number {
    return ++this.submissions;
  }
}

/** Lower-case ASCII words joined by `_`, at least one. */
const snakeCase = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}+/gu, '')
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, MAX_KEY_LENGTH)
    .replace(/^_+|_+$/g, '')
    .replace(/^(?=\d)/, 'step_') || 'step';
