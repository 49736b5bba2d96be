import { setFlagsFromString } from 'node:v8';
import { Command } from 'commander';
import { defineNodeCommand } from './command.js';

// By itself V8 looks for garbage only when the heap has grown to several times what is in use.
setFlagsFromString('--heap-growing-percent=50');

const NAME = 'event-store-node';
const complain = (line: string): void => console.error(`${NAME}: ${line}`);

const program = new Command(NAME).description('A single EventStoreDB node').showHelpAfterError();
defineNodeCommand(program, {
  defaultFolder: () => 'event-store',
  defaultFolderText: 'event-store in the current folder',
  say: (line) => console.log(line),
  warn: complain,
});
try {
  await program.parseAsync();
} catch (error) {
  complain(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
// Libraries may keep timers of their own; everything of the node is closed by now.
process.exit();
