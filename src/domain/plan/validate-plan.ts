import { higherRisk } from '../risk/risk-level.js';
import type { ToolManifest } from '../tool/tool-manifest.js';
import { DomainError, type InputPart, type StatedMember } from '../workflow/workflow.errors.js';
import { checkLiterals, checkReference, findReferences, renameReferences, type OutputReference } from './data-flow.js';
import { pointerTokens } from './json-schema.js';
import { MAX_PLAN_DEPENDENCIES, MAX_PLAN_STEPS, toolOfStep, type Plan, type PlannedStep, type PlanStep } from './plan.js';

/** Longest JSON text of one step's arguments, and of the keys it depends on, in characters: with room for UTF-8, a part of a plan fits in one append. */
export const MAX_ARGS_LENGTH = 64 * 1024;
export const MAX_DEPENDENCY_KEYS_LENGTH = 128 * 1024;

/** Keys of a cycle that a message names. */
const NAMED = 12;

/** What validation asks of the tools there are. */
export interface ToolCatalogue {
  manifest(name: string): ToolManifest | undefined;
  /** What is wrong with complete arguments, in words, or nothing. */
  checkArgs(tool: string, args: PlanStep['args']): string | undefined;
}

const ALL_STEPS: InputPart = ['steps'];
const partOf = (index: number, member: StatedMember, ...below: readonly string[]): InputPart => ['step', index, member, ...below];

/**
 * The steps' indices in an order in which dependencies come first (Kahn's algorithm), or the keys of one cycle.
 */
function topologicalOrder(
  steps: readonly PlanStep[],
  indexOf: ReadonlyMap<string, number>,
): readonly number[] | { readonly cycle: readonly string[] } {
  const waiting = steps.map((step) => new Set(step.dependsOn).size);
  const dependents: number[][] = steps.map(() => []);
  steps.forEach((step, index) => new Set(step.dependsOn).forEach((key) => dependents[indexOf.get(key)!]!.push(index)));
  const order = steps.flatMap((_, index) => (waiting[index] === 0 ? [index] : []));
  for (let at = 0; at < order.length; at++) {
    for (const dependent of dependents[order[at]!]!) if (--waiting[dependent]! === 0) order.push(dependent);
  }
  if (order.length === steps.length) return order;
  // Every step left over waits for another one left over: walking from any of them must close a circle.
  const path = new Set<string>();
  let at = steps.findIndex((_, index) => waiting[index]! > 0);
  while (!path.has(steps[at]!.key)) {
    path.add(steps[at]!.key);
    at = indexOf.get(steps[at]!.dependsOn.find((key) => waiting[indexOf.get(key)!]! > 0)!)!;
  }
  const walked = [...path];
  return { cycle: [...walked.slice(walked.indexOf(steps[at]!.key)), steps[at]!.key] };
}

function checkShape(steps: readonly PlanStep[]): ReadonlyMap<string, number> {
  if (steps.length === 0) throw new DomainError('plan.empty', 'The plan has no steps.', ALL_STEPS);
  if (steps.length > MAX_PLAN_STEPS) {
    throw new DomainError('plan.too-large', `The plan has ${steps.length} steps; at most ${MAX_PLAN_STEPS} are possible.`, ALL_STEPS);
  }
  const indexOf = new Map<string, number>();
  steps.forEach((step, index) => {
    const first = indexOf.get(step.key);
    if (first !== undefined) {
      throw new DomainError(
        'plan.duplicate-key',
        `Steps ${first + 1} and ${index + 1} have the same key "${step.key}".`,
        partOf(index, 'key'),
      );
    }
    indexOf.set(step.key, index);
  });
  steps.forEach((step, index) => {
    for (const key of step.dependsOn) {
      if (!indexOf.has(key)) {
        throw new DomainError(
          'plan.dangling-dependency',
          `Step "${step.key}" depends on "${key}", which is not in the plan.`,
          partOf(index, 'dependsOn'),
        );
      }
    }
  });
  return indexOf;
}

/**
 * Keys that look the same are the same: they are compared and recorded in Unicode's composed form (NFC), which planners, keyboards and file systems do not
 * agree on. Only keys: other text of a person is kept as it was written.
 */
const normalised = (key: string): string => key.normalize('NFC');

const withNormalisedKeys = (step: PlanStep): PlanStep => ({
  ...step,
  key: normalised(step.key),
  dependsOn: step.dependsOn.map(normalised),
  args: renameReferences(step.args, normalised),
});

interface StepWithReferences extends PlanStep {
  readonly references: readonly OutputReference[];
}

/** Adds the steps whose outputs a step uses to those it depends on: a reference is a dependency. */
function withImpliedDependencies(step: PlanStep, index: number, indexOf: ReadonlyMap<string, number>): StepWithReferences {
  const refuse = (reason: string): never => {
    throw new DomainError('plan.invalid-reference', `Step "${step.key}": ${reason}.`, partOf(index, 'args'));
  };
  const { references, malformed } = findReferences(step.args);
  if (malformed[0] !== undefined) return refuse(malformed[0]);
  for (const { from } of references) if (!indexOf.has(from)) return refuse(`it uses the output of "${from}", which is not in the plan`);
  return { ...step, references, dependsOn: [...new Set([...step.dependsOn, ...references.map(({ from }) => from)])] };
}

/** @param steps with their implied dependencies */
function checkDependencies(steps: readonly PlanStep[]): void {
  const dependencies = steps.reduce((sum, step) => sum + step.dependsOn.length, 0);
  if (dependencies > MAX_PLAN_DEPENDENCIES) {
    throw new DomainError(
      'plan.too-large',
      `The plan has ${dependencies} dependencies; at most ${MAX_PLAN_DEPENDENCIES} are possible.`,
      ALL_STEPS,
    );
  }
  steps.forEach(({ key, dependsOn }, index) => {
    const length = JSON.stringify(dependsOn).length;
    if (length <= MAX_DEPENDENCY_KEYS_LENGTH) return;
    const message = `The keys that step "${key}" depends on are ${length} characters long; at most ${MAX_DEPENDENCY_KEYS_LENGTH} are possible.`;
    throw new DomainError('plan.too-large', message, partOf(index, 'dependsOn'));
  });
}

function describeCycle(cycle: readonly string[]): string {
  const shown = cycle.length <= NAMED ? cycle : [...cycle.slice(0, NAMED - 1), `(${cycle.length - NAMED} more)`, cycle.at(-1)!];
  return `Steps depend on each other in a circle: ${shown.join(' → ')}.`;
}

/**
 * Checks a plan as a whole and adds to each step what its tool's manifest says. The same plan and manifests always give the same result.
 * @throws DomainError `plan.*`, naming the first step at fault
 */
export function validatePlan(plan: Plan, tools: ToolCatalogue): readonly PlannedStep[] {
  const given = plan.steps.map(withNormalisedKeys);
  const indexOf = checkShape(given);
  const steps = given.map((step, index) => withImpliedDependencies(step, index, indexOf));
  checkDependencies(steps);
  const order = topologicalOrder(steps, indexOf);
  if ('cycle' in order) throw new DomainError('plan.cycle', describeCycle(order.cycle), ALL_STEPS);
  const manifests = steps.map((step, index) => {
    const manifest = tools.manifest(step.tool);
    if (!manifest)
      throw new DomainError('plan.unknown-tool', `Step "${step.key}" uses "${step.tool}", which is not a tool.`, partOf(index, 'tool'));
    return manifest;
  });

  return steps.map((step, index) => {
    const manifest = manifests[index]!;
    const length = JSON.stringify(step.args).length;
    if (length > MAX_ARGS_LENGTH) {
      const message = `The arguments of step "${step.key}" are ${length} characters long; at most ${MAX_ARGS_LENGTH} are possible.`;
      throw new DomainError('plan.too-large', message, partOf(index, 'args'));
    }
    for (const reference of step.references) {
      const problem = checkReference(reference, manifests[indexOf.get(reference.from)!]!.outputSchema, manifest.inputSchema);
      if (problem !== undefined)
        throw new DomainError(
          'plan.invalid-reference',
          `Step "${step.key}": ${problem}.`,
          partOf(index, 'args', ...(pointerTokens(reference.place) ?? [])),
        );
    }
    const problem =
      step.references.length === 0 ? tools.checkArgs(step.tool, step.args) : checkLiterals(step.args, manifest.inputSchema)[0];
    if (problem !== undefined) throw new DomainError('plan.invalid-args', `Step "${step.key}": ${problem}`, partOf(index, 'args'));
    return {
      ...toolOfStep(manifest),
      stepId: index + 1,
      key: step.key,
      name: step.name,
      tool: step.tool,
      args: step.args,
      dependsOn: step.dependsOn,
      riskLevel: step.riskLevel === undefined ? manifest.riskLevel : higherRisk(step.riskLevel, manifest.riskLevel),
      ...(step.toleratesSkips && { toleratesSkips: true }),
    };
  });
}
