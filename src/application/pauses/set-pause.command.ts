import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Pauses, type Pause, type PauseAct } from './pauses.js';

/** No step of a tool starts, or of any, on any node, until it is lifted. One that is set already is answered with. */
export class SetPause extends Command<Pause> {
  constructor(readonly act: PauseAct & { readonly tool: string | null }) {
    super();
  }
}

@CommandHandler(SetPause)
export class SetPauseHandler implements ICommandHandler<SetPause> {
  constructor(private readonly pauses: Pauses) {}

  execute({ act: { tool, ...act } }: SetPause): Promise<Pause> {
    return this.pauses.set(tool, act);
  }
}
