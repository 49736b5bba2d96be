import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { flushFolder } from '@lifeos/data-folder';
import { canonicalJson, type JsonObject } from '../../domain/json.js';
import { ToolFailure } from './tool-failure.js';

/** What one effect leaves: files by name, and the tool's output, which every repeat of the call answers with. */
export interface OutboxEntry<Output extends object> {
  readonly files: Readonly<Record<string, string>>;
  readonly output: Output;
}

/** The place in the outbox that belongs to one idempotency key. */
export interface OutboxSlot {
  /** Lower-case hex, made of the tool's name and the key: for ids that must be the same in every attempt. */
  readonly id: string;
  /**
   * Publishes what `compose` makes, or, where something was published under the key before, answers with the output of then.
   * `compose` may run and its result be thrown away (another call was first), so it must have no effect of its own.
   * @param shelf folder within the outbox, a word of the tool's choice: never change it, or repeats are not recognised
   * @param compose gets the folder its files will be in, relative to the outbox, with `/` between names
   * @throws ToolFailure `outbox.key-reused` (not retryable) when the key was used with other arguments
   */
  publishOnce<Output extends object>(shelf: string, compose: (folder: string) => OutboxEntry<Output>): Promise<Output>;
}

interface Receipt {
  /** Hash of the call's arguments. */
  readonly request: string;
  readonly output: object;
}

const RECEIPT = 'receipt.json';
/** Where entries are written before they appear; a crash leaves its unfinished one here. */
const UNFINISHED = '.unfinished';

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The slot of a call: the name of its entry, on whatever shelf. */
export const slotId = (tool: string, idempotencyKey: string): string => hashOf(`${tool}\n${idempotencyKey}`).slice(0, 32);

async function writeFlushed(file: string, content: string): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(content, 'utf8');
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Creates a folder with its parents so that all of them survive a power cut. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = path.dirname(made)) await flushFolder(path.dirname(made));
}

/**
 * A folder in which tools leave what they would send, at most once per idempotency key (invariant 18). An entry is a folder named after the key's hash: it is
 * written aside, flushed, and put in place by one rename, which fails when there is an entry already. So an entry is there entirely or not at all, however many
 * calls run at once, in however many processes, and wherever one of them dies.
 */
export class Outbox {
  /** @param folder absolute; created when the first entry is published */
  constructor(private readonly folder: string) {}

  /** The slot of a call: the key counts within its tool, and the arguments must be the same in every call. */
  slot(tool: string, idempotencyKey: string, args: JsonObject): OutboxSlot {
    const id = slotId(tool, idempotencyKey);
    const request = hashOf(canonicalJson(args));
    return { id, publishOnce: (shelf, compose) => this.publishOnce(shelf, id, request, compose) };
  }

  private async publishOnce<Output extends object>(
    shelf: string,
    name: string,
    request: string,
    compose: (folder: string) => OutboxEntry<Output>,
  ): Promise<Output> {
    const place = path.join(this.folder, shelf, name);
    const before = await this.receipt(place, request);
    if (before) return this.settled(place, name, before.output as Output);

    const { files, output } = compose(`${shelf}/${name}`);
    const receipt: Receipt = { request, output };
    const unfinished = path.join(this.folder, UNFINISHED, `${name}-${randomBytes(6).toString('hex')}`);
    try {
      await makeFolder(path.dirname(place));
      await makeFolder(unfinished);
      for (const [file, content] of Object.entries({ ...files, [RECEIPT]: `${JSON.stringify(receipt, null, 2)}\n` })) {
        if (path.basename(file) !== file) throw new Error(`"${file}" is not a file name`);
        await writeFlushed(path.join(unfinished, file), content);
      }
      await flushFolder(unfinished);
      await rename(unfinished, place);
    } catch (error) {
      await rm(unfinished, { recursive: true, force: true }).catch(() => undefined);
      // Most likely another call was first. Which error says so depends on the platform, so the entry itself decides.
      const first = await this.receipt(place, request);
      if (!first) throw error;
      return this.settled(place, name, first.output as Output);
    }
    return this.settled(place, name, output);
  }

  /** Nobody may say that an entry is there before its rename is on disk: the call that made it may have died in between. */
  private async settled<Output>(place: string, name: string, output: Output): Promise<Output> {
    await flushFolder(path.dirname(place));
    await this.clearUnfinished(name);
    return output;
  }

  private async receipt(place: string, request: string): Promise<Receipt | undefined> {
    let text: string;
    try {
      text = await readFile(path.join(place, RECEIPT), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const receipt = JSON.parse(text) as Receipt;
    if (receipt.request !== request) {
      throw new ToolFailure('outbox.key-reused', 'The idempotency key was used before, with other arguments.', { retryable: false });
    }
    return receipt;
  }

  /** What calls that died left of an entry that is in place. One that still writes there loses nothing: its rename could only fail. */
  private async clearUnfinished(name: string): Promise<void> {
    const folder = path.join(this.folder, UNFINISHED);
    const names = await readdir(folder).catch(() => []);
    const left = names.filter((one) => one.startsWith(`${name}-`));
    // Tidying only: what cannot be removed now does no harm.
    await Promise.allSettled(left.map((one) => rm(path.join(folder, one), { recursive: true, force: true })));
  }
}
