import { parseAccessControlList, type AccessControlList, type StreamRight } from '../log/access-control-list.js';
import type { StreamLog } from '../log/stream-log.js';
import { isMetastream, originalOf } from '../log/stream-metadata.js';
import { ADMINS, type Principal } from './users.js';

export type StreamAction = 'read' | 'write' | 'delete';

/** In a list: everybody who said who they are. */
const EVERYBODY = '$all';
const SETTINGS_STREAM = '$settings';

const forAll = (role: string): Required<AccessControlList> => ({
  read: [role],
  write: [role],
  delete: [role],
  metaRead: [role],
  metaWrite: [role],
});
const ORDINARY = forAll(EVERYBODY);
const SYSTEM = forAll(ADMINS);

interface Defaults {
  /** Revision of `$settings` that says so. */
  readonly revision: number;
  readonly ordinary: AccessControlList;
  readonly system: AccessControlList;
}

/**
 * Who may do what with a stream: its `$acl`, then the defaults in the stream `$settings` (`$userStreamAcl`, `$systemStreamAcl`), then those of EventStoreDB:
 * ordinary streams are everybody's who has a password, streams named `$…` and `$all` the admins'. Admins may do everything, nameless callers nothing.
 */
export class AccessPolicy {
  private defaults: Defaults = { revision: -1, ordinary: {}, system: {} };

  constructor(private readonly log: StreamLog) {}

  permits(who: Principal | undefined, action: StreamAction, stream: string): boolean {
    if (!who) return false;
    if (who.groups.includes(ADMINS)) return true;
    const isAboutMetadata = isMetastream(stream);
    const right: StreamRight = isAboutMetadata ? (action === 'read' ? 'metaRead' : 'metaWrite') : action;
    const roles = this.rolesFor(isAboutMetadata ? originalOf(stream) : stream, right);
    return roles.some((role) => role === EVERYBODY || role === who.name || who.groups.includes(role));
  }

  private rolesFor(stream: string, right: StreamRight): readonly string[] {
    const own = this.log.read.head(stream).metadata?.acl?.[right];
    if (own) return own;
    const { ordinary, system } = this.settings();
    return stream.startsWith('$') ? (system[right] ?? SYSTEM[right]) : (ordinary[right] ?? ORDINARY[right]);
  }

  private settings(): Defaults {
    const { last: revision } = this.log.read.head(SETTINGS_STREAM);
    if (revision !== this.defaults.revision)
      this.defaults = { revision, ...parseSettings(this.log.read.event(SETTINGS_STREAM, revision)?.data) };
    return this.defaults;
  }
}

function parseSettings(data: Uint8Array | undefined): Omit<Defaults, 'revision'> {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(data ?? '').toString('utf8'));
  } catch {
    json = undefined;
  }
  const lists = typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  return {
    ordinary: parseAccessControlList(lists['$userStreamAcl']) ?? {},
    system: parseAccessControlList(lists['$systemStreamAcl']) ?? {},
  };
}
