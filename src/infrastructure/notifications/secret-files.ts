import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { flushFolder } from '@lifeos/data-folder';
import { z } from 'zod';
import type { ChannelSecrets, SecretStore } from '../../application/ports/notifications.js';

const FILE = /^(\d+)\.json$/;
const DRAFT = /^\d+\.json\.[0-9a-f]+$/;
/** A draft that is older belongs to a process that died, in milliseconds. */
const DRAFT_MS = 60 * 60_000;

const secretsSchema: z.ZodType<ChannelSecrets> = z.object({
  address: z.string(),
  secret: z.exactOptional(z.string()),
  former: z.exactOptional(z.object({ secret: z.string(), until: z.string() })),
});

/** A file for each channel, which only the engine's own user can read. Every read is of the file: another process over the same folder may have written it. */
export class SecretFiles implements SecretStore {
  constructor(private readonly folder: string) {}

  async get(channelId: number): Promise<ChannelSecrets | undefined> {
    let text: string;
    try {
      text = await readFile(this.fileOf(channelId), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      return secretsSchema.parse(JSON.parse(text));
    } catch {
      // What a parser says of it would be a part of it.
      throw new Error(`${path.basename(this.folder)}/${channelId}.json is not as the engine writes it`);
    }
  }

  async put(channelId: number, secrets: ChannelSecrets): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const draft = `${this.fileOf(channelId)}.${randomBytes(6).toString('hex')}`;
    try {
      const file = await open(draft, 'wx', 0o600);
      try {
        await file.writeFile(JSON.stringify(secrets));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, this.fileOf(channelId));
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    await flushFolder(this.folder);
  }

  async remove(channelId: number): Promise<void> {
    await rm(this.fileOf(channelId), { force: true });
  }

  async tidy(isWanted: (channelId: number, ageMs: number) => boolean): Promise<void> {
    for (const name of await this.names()) {
      const file = path.join(this.folder, name);
      const [, channelId] = FILE.exec(name) ?? [];
      if (channelId === undefined && !DRAFT.test(name)) continue;
      // Another process may have removed it.
      const ageMs = Date.now() - (await stat(file).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs;
      if (channelId === undefined ? ageMs > DRAFT_MS : !isWanted(Number(channelId), ageMs)) await rm(file, { force: true });
    }
  }

  private async names(): Promise<readonly string[]> {
    try {
      return await readdir(this.folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  private fileOf(channelId: number): string {
    return path.join(this.folder, `${channelId}.json`);
  }
}
