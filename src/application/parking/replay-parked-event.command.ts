import { Inject } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { messageOf } from '../message-of.js';
import { byHand } from '../../domain/workflow/by-hand.js';
import { mustBeParked } from '../../domain/workflow/decisions/parked-events.js';
import { DomainError } from '../../domain/workflow/workflow.errors.js';
import { ApplicationError } from '../application.errors.js';
import { EXECUTOR } from '../execution/step-executor.js';
import { NewerEvent } from '../newer-event.js';
import { EVENT_LOG, EventLogUnavailable, type EventLog, type RecordedEvent } from '../ports/event-log.js';
import { reactionTo } from '../sagas/saga.js';
import { SAGAS } from '../sagas/sagas.js';
import { actOnRun, type RunAfterAct } from '../workflow/act.js';
import { bySystem } from '../workflow/cause.js';
import { workflowEventOf, workflowStream } from '../workflow/workflow-codec.js';
import { WorkflowDecisions } from '../workflow/workflow-decisions.js';
import type { ParkedEventAct } from './parked-event.js';

/**
 * Has a parked event dealt with after all, by the handler that could not.
 * @throws DomainError workflow.not-found, parked-event.not-found; ApplicationError parked-event.failed: it could not this time either
 */
export class ReplayParkedEvent extends Command<RunAfterAct> {
  constructor(readonly act: ParkedEventAct) {
    super();
  }
}

@CommandHandler(ReplayParkedEvent)
export class ReplayParkedEventHandler implements ICommandHandler<ReplayParkedEvent> {
  constructor(
    private readonly commands: CommandBus,
    private readonly decisions: WorkflowDecisions,
    @Inject(EVENT_LOG) private readonly log: EventLog,
  ) {}

  async execute({ act }: ReplayParkedEvent): Promise<RunAfterAct> {
    const { workflowId, handler, revision } = act;
    mustBeParked((await this.decisions.read(workflowId)).state, { handler, revision });
    for await (const event of this.log.readStream(workflowStream(workflowId), { from: revision, limit: 1 })) await this.replay(act, event);
    return actOnRun(this.decisions, act, { type: 'SettleParkedEvent', data: { handler, revision, outcome: 'replayed', ...byHand(act) } });
  }

  private async replay({ handler }: ParkedEventAct, recorded: RecordedEvent): Promise<void> {
    try {
      if (handler === EXECUTOR) return await this.makeReadyAgain(recorded);
      const saga = SAGAS.find(({ name }) => name === handler);
      if (!saga) throw new Error(`there is no handler ${handler} any more`);
      for (const command of reactionTo(saga, recorded)) await this.commands.execute(command);
    } catch (error) {
      // Refused for good, as when it is delivered: there is nothing left to do.
      if (error instanceof DomainError) return;
      if (error instanceof EventLogUnavailable || error instanceof NewerEvent) throw error;
      const reason = messageOf(error);
      throw new ApplicationError('parked-event.failed', `${handler} could not deal with the event this time either: ${reason}`);
    }
  }

  private async makeReadyAgain(recorded: RecordedEvent): Promise<void> {
    const event = workflowEventOf(recorded);
    if (event?.type !== 'StepReady') return;
    const { workflowId, stepId, attempt } = event.data;
    await this.decisions.execute(workflowId, { type: 'MakeReadyAgain', data: { stepId, attempt } }, bySystem('parked-events', recorded.id));
  }
}
