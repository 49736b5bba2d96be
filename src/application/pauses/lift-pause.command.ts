import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Pauses, type Pause, type PauseAct } from './pauses.js';

/** Steps that waited for it go on. @throws ApplicationError pause.not-found */
export class LiftPause extends Command<Pause> {
  constructor(readonly act: PauseAct & { readonly pauseId: number }) {
    super();
  }
}

@CommandHandler(LiftPause)
export class LiftPauseHandler implements ICommandHandler<LiftPause> {
  constructor(private readonly pauses: Pauses) {}

  execute({ act: { pauseId, ...act } }: LiftPause): Promise<Pause> {
    return this.pauses.lift(pauseId, act);
  }
}
