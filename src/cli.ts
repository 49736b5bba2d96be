import { setTimeout } from 'node:timers/promises';
import { Command } from 'commander';
import { ENGINE_VERSION } from './infrastructure/system/engine-version.js';
import { defineNodeCommand } from '@lifeos/event-store-node/command';
import { defineClusterCommand } from './interfaces/cli/cluster/cluster-command.js';
import { defineDatabaseCommand } from './interfaces/cli/database/database-command.js';
import type { Later } from './interfaces/cli/demo/demo-output.js';
import { launcherGone } from './interfaces/cli/launcher.js';
import { stopSignal } from './interfaces/cli/stop-signal.js';
import { Demo, DEMO_INTENT } from './interfaces/cli/demo/demo.js';
import { ApiClient } from './interfaces/cli/api-client.js';
import { httpUrl, idArgument } from './interfaces/cli/arguments.js';
import { defineDeadLetterCommands } from './interfaces/cli/control/dead-letter-commands.js';
import { defineParkedCommands } from './interfaces/cli/control/parked-commands.js';
import { defineNotificationCommands } from './interfaces/cli/control/notification-commands.js';
import { defineNodesCommand } from './interfaces/cli/control/nodes-command.js';
import { defineAlertCommand } from './interfaces/cli/control/alert-command.js';
import { definePauseCommands } from './interfaces/cli/control/pause-commands.js';
import { defineRunCommands } from './interfaces/cli/control/run-commands.js';
import { defineScheduleCommands } from './interfaces/cli/control/schedule-commands.js';
import { printReplay } from './interfaces/cli/replay/replay-output.js';
import { processTerminal } from './interfaces/cli/terminal.js';
import { keepHeapSmall } from './infrastructure/system/heap.js';
import { readClusterConfiguration, readConfiguration, readDemoConfiguration } from './infrastructure/config/environment.js';

keepHeapSmall();

// Loaded only by the commands that need it, and once the configuration is right: it takes a second.
const theEngine = () => import('./engine.js');
const theBackup = () => import('./backup.js');

const print = (line: string): void => console.log(line);
const complain = (line: string): void => console.error(`lifeos: ${line}`);

/** How long the demo waits for an event store that is away, in milliseconds. */
const PATIENCE_MS = 30_000;

async function withinPatience(ready: Promise<void>): Promise<void> {
  const late = setTimeout(PATIENCE_MS, undefined, { ref: false }).then(() => {
    throw new Error(`The event store did not answer within ${PATIENCE_MS / 1_000} s.`);
  });
  await Promise.race([ready, late]);
}

interface DemoFlags {
  readonly yes?: boolean;
  readonly reject?: boolean;
  readonly url?: string;
  readonly intent: string;
  readonly stay?: boolean;
}

async function demo({ yes, reject, url, intent, stay }: DemoFlags): Promise<number> {
  if (stay && url !== undefined) throw new Error('--stay is for an engine that the demo starts: the one at --url stays anyway.');
  if (yes && reject) throw new Error('--yes and --no contradict each other.');
  const terminal = processTerminal();
  const configuration = url === undefined ? readDemoConfiguration() : undefined;
  const elsewhere: Later = configuration
    ? { start: `LIFEOS_DATA_DIR='${configuration.dataDir}' npm start`, url: `http://127.0.0.1:${configuration.port || 8000}` }
    : { start: undefined, url: url! };
  const engine =
    configuration && (await (await theEngine()).startEngine({ ...configuration, host: '127.0.0.1', port: 0, logLevel: 'warn' }));
  try {
    if (engine) await withinPatience(engine.ready);
    const answer = yes ? 'yes' : reject ? 'no' : undefined;
    const there = engine?.url ?? url!;
    const stopped = stay ? Promise.race([stopSignal(), launcherGone()]) : undefined;
    const later = stay ? { start: undefined, url: there } : elsewhere;
    terminal.write(`🌐 The console: ${there}`);
    const ended = new Demo(new ApiClient(there), terminal, { intent, later, ...(answer ? { answer } : {}) }).run();
    if (!stopped) return await ended;
    const code = await Promise.race([ended, stopped.then(() => undefined)]);
    if (code !== undefined) {
      terminal.write();
      terminal.write(`🌐 The engine stays: ${there} (Ctrl+C ends it)`);
      await stopped;
    }
    return code ?? 0;
  } finally {
    terminal.close();
    await engine?.stop();
  }
}

const program = new Command('lifeos')
  .description('Event-sourced workflow engine with approvals')
  .version(ENGINE_VERSION, '-V, --version', "print the program's version")
  .showHelpAfterError();
let exitCode = 0;
const run =
  <A extends unknown[]>(action: (...args: A) => Promise<number | void>) =>
  async (...args: A): Promise<void> => {
    exitCode = (await action(...args)) ?? 0;
  };

program
  .command('serve')
  .description('serve the API (default http://127.0.0.1:8000)')
  .action(
    run(async () => {
      const configuration = readConfiguration();
      const { serve } = await import('./main.js');
      return serve(configuration);
    }),
  );

program
  .command('demo')
  .description("the quick start's demo: submit, approve, watch")
  .option('-y, --yes', 'answer yes to every question')
  .option('-n, --reject', 'answer no to every question (also: --no)')
  .option('--url <address>', 'use a running engine instead of starting one', httpUrl)
  .option('--intent <text>', 'what to ask for', DEMO_INTENT)
  .option('--stay', 'leave the engine running afterwards, with its console, until Ctrl+C')
  .action(run(demo));

program
  .command('replay')
  .description('print each event of a run and what it changed')
  .argument('<workflow-id>', 'the run', idArgument)
  .action(
    run(async (workflowId: number) => {
      const configuration = readConfiguration();
      const { withEventLog } = await theEngine();
      const terminal = processTerminal();
      const events = await withEventLog(configuration, (log) => printReplay(log, workflowId, terminal));
      terminal.close();
      if (events > 0) return 0;
      complain(`there is no workflow ${workflowId}`);
      return 1;
    }),
  );

program
  .command('rebuild')
  .description('rebuild the read models from the event log (all, or those named)')
  .argument(
    '[read-model...]',
    'workflows, timeline, approvals, dead-letters, timers, tool-waits, parked-events, schedules, analytics, deliveries',
  )
  .action(
    run(async (names: string[]) => {
      const configuration = readConfiguration();
      const { rebuild } = await theEngine();
      await rebuild(configuration, names, print);
    }),
  );

program
  .command('backup')
  .description('write the event log and the outbox to a new folder; an engine may run on them')
  .argument('<folder>', 'the folder, which must not exist')
  .action(run(async (folder: string) => (await theBackup()).backUp(readConfiguration(), folder, print)));

program
  .command('restore')
  .description('fill the data folder (LIFEOS_DATA_DIR), empty or absent, from a backup')
  .argument('<folder>', 'the backup')
  .action(run(async (folder: string) => (await theBackup()).restore(readConfiguration(), folder, print)));

defineRunCommands(program, print);
defineDeadLetterCommands(
  program.command('dead-letters').description('steps that failed for good: list them, and decide about them'),
  print,
);
defineParkedCommands(
  program.command('parked').description('events that a part of the engine could not deal with: list, replay, drop'),
  print,
);
defineScheduleCommands(program.command('schedules').description('submit again and again, at set times'), print);
defineNotificationCommands(program.command('notifications').description('who is told of what: webhooks, mail, Slack'), print);
defineAlertCommand(program, print);
defineNodesCommand(program, print);
defineClusterCommand(program, readClusterConfiguration, print);
defineDatabaseCommand(
  program,
  async (port) => {
    const { dataDir } = readConfiguration();
    const { SharedPglite } = await import('./infrastructure/read-models/shared-pglite/shared-pglite.js');
    return SharedPglite.start({ dataDir, port, logger: { warn: complain } });
  },
  print,
);
definePauseCommands(program.command('pauses').description('the kill switch: pause tools, or everything'), print);

defineNodeCommand(program.command('eventstore').description('run the embedded event store alone, for any EventStoreDB client'), {
  defaultFolder: async (use) => {
    const configuration = readConfiguration();
    return (await import('./event-store-node.js')).folderOfNodeAlone(configuration, use);
  },
  defaultFolderText: 'event-store in LIFEOS_DATA_DIR',
  say: print,
  warn: complain,
});

// A reader that has seen enough, like `head`, closes the pipe.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(exitCode);
});

// `--no` would be commander's negation of an option; here it is an answer.
const argv = process.argv.map((word) => (word === '--no' ? '--reject' : word));
try {
  await program.parseAsync(argv);
} catch (error) {
  complain(error instanceof Error ? error.message : String(error));
  exitCode = 1;
}
// Libraries may keep timers of their own; everything of the engine is closed by now.
process.exit(exitCode);
