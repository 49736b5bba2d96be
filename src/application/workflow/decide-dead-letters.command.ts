import { Inject } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { byHand } from '../../domain/workflow/by-hand.js';
import { DomainError, type DomainErrorCode } from '../../domain/workflow/workflow.errors.js';
import { DEAD_LETTERS_READER, type DeadLetterFilter, type DeadLettersReader } from '../ports/read-models.js';
import type { Act } from './act.js';
import { GiveUpWorkflow } from './give-up-workflow.command.js';
import { RetryDeadLetter } from './retry-dead-letter.command.js';
import { SkipDeadLetter } from './skip-dead-letter.command.js';

/** Letters decided by one command at most. */
export const MOST_LETTERS = 1_000;
/** Decided at once. */
const AT_ONCE = 16;

export const BULK_ACTIONS = ['retry', 'skip', 'give-up'] as const;
export type BulkAction = (typeof BULK_ACTIONS)[number];

export interface LetterAddress {
  readonly workflowId: number;
  readonly stepId: number;
}

export interface BulkDecision extends Omit<Act, 'workflowId'> {
  readonly action: BulkAction;
  /** These letters, or those that a filter finds, newest first. */
  readonly letters: readonly LetterAddress[] | DeadLetterFilter;
}

export interface BulkOutcome {
  /** Letters that were decided as asked, or had been. */
  readonly done: number;
  readonly failed: readonly (LetterAddress & { readonly code: DomainErrorCode; readonly message: string })[];
  /** The filter finds more than one command decides: ask again. */
  readonly isMore: boolean;
}

/** Does the same about many letters. One that cannot be decided so does not keep the others from it. @throws ApplicationError event-store.unavailable */
export class DecideDeadLetters extends Command<BulkOutcome> {
  constructor(readonly decision: BulkDecision) {
    super();
  }
}

@CommandHandler(DecideDeadLetters)
export class DecideDeadLettersHandler implements ICommandHandler<DecideDeadLetters> {
  constructor(
    private readonly commands: CommandBus,
    @Inject(DEAD_LETTERS_READER) private readonly deadLetters: DeadLettersReader,
  ) {}

  async execute({ decision }: DecideDeadLetters): Promise<BulkOutcome> {
    const { letters, isMore } = await this.lettersOf(decision.letters);
    const failed: (LetterAddress & { code: DomainErrorCode; message: string })[] = [];
    for (let next = 0; next < letters.length; next += AT_ONCE) {
      await Promise.all(
        letters.slice(next, next + AT_ONCE).map(async (letter) => {
          const { workflowId, stepId } = letter;
          try {
            await this.commands.execute(this.commandFor(decision, letter));
          } catch (error) {
            if (!(error instanceof DomainError)) throw error;
            failed.push({ workflowId, stepId, code: error.code, message: error.message });
          }
        }),
      );
    }
    return { done: letters.length - failed.length, failed, isMore };
  }

  private async lettersOf(
    asked: BulkDecision['letters'],
  ): Promise<{ readonly letters: readonly LetterAddress[]; readonly isMore: boolean }> {
    if (Array.isArray(asked)) return { letters: asked as readonly LetterAddress[], isMore: false };
    const { items, nextCursor } = await this.deadLetters.list(asked as DeadLetterFilter, { limit: MOST_LETTERS });
    return { letters: items, isMore: nextCursor !== null };
  }

  private commandFor(decision: BulkDecision, { workflowId, stepId }: LetterAddress): Command<unknown> {
    const act = { workflowId, stepId, actor: decision.actor, ...byHand(decision) };
    if (decision.action === 'retry') return new RetryDeadLetter(act);
    return decision.action === 'skip' ? new SkipDeadLetter(act) : new GiveUpWorkflow(act);
  }
}
