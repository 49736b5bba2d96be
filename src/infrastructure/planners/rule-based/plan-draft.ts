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

/** A plan in the making: gives every step a key of its own, and puts wishes in order. */
export class PlanDraft {
  private readonly planned: PlanStep[] = [];
  private readonly keys = new Set<string>();
  private submissions = 0;
  /** What the steps to come must wait for. */
  private after: readonly string[] = [];

  /** @param meant gives a text of the intent its quoted pieces back */
  constructor(private readonly meant: (text: string) => string) {}

  /** From here on, steps wait for all there are so far. */
  thenOnly(): void {
    const awaited = new Set(this.planned.flatMap(({ dependsOn }) => dependsOn));
    this.after = this.planned.filter(({ key }) => !awaited.has(key)).map(({ key }) => key);
  }

  get steps(): readonly PlanStep[] {
    return this.planned;
  }

  /** Adds a step and answers with its key. */
  add({ about, name, tool, args, dependsOn = [] }: DraftStep): string {
    const base = snakeCase(this.meant(about));
    let key = base;
    for (let number = 2; this.keys.has(key); number++) key = `${base}_${number}`;
    this.keys.add(key);
    const meantArgs = JSON.parse(JSON.stringify(args), (_name, value: unknown) =>
      typeof value === 'string' ? this.meant(value) : value,
    ) as JsonObject;
    // A step that waits for another one of its wish waits through that for what came before.
    this.planned.push({ key, name: this.meant(name), tool, args: meantArgs, dependsOn: dependsOn.length > 0 ? dependsOn : this.after });
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
