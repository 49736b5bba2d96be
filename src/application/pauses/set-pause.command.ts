import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ApplicationError } from '../application.errors.js';
import { TOOLS, type Tools } from '../ports/tools.js';
import { Pauses, type Pause, type PauseAct } from './pauses.js';

/** No step of a tool starts, or of any, on any node, until it is lifted. One that is set already is answered with. @throws ApplicationError pause.unknown-tool */
export class SetPause extends Command<Pause> {
  constructor(readonly act: PauseAct & { readonly tool: string | null }) {
    super();
  }
}

@CommandHandler(SetPause)
export class SetPauseHandler implements ICommandHandler<SetPause> {
  constructor(
    private readonly pauses: Pauses,
    @Inject(TOOLS) private readonly tools: Tools,
  ) {}

  async execute({ act: { tool, ...act } }: SetPause): Promise<Pause> {
    const names = this.tools.manifests().map(({ name }) => name);
    // In an emergency a misspelt name must not look as if it had worked.
    if (tool !== null && !names.includes(tool))
      throw new ApplicationError('pause.unknown-tool', `There is no tool "${tool}": the tools are ${names.join(', ')}.`);
    return this.pauses.set(tool, act);
  }
}
