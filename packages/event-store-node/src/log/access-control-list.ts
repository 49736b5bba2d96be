/** What somebody may do with a stream, or with its metadata. */
export type StreamRight = 'read' | 'write' | 'delete' | 'metaRead' | 'metaWrite';

/** Roles (users or groups) that have a right; a right that is not named is as by default. */
export type AccessControlList = Readonly<Partial<Record<StreamRight, readonly string[]>>>;

const KEYS: Readonly<Record<StreamRight, string>> = { read: '$r', write: '$w', delete: '$d', metaRead: '$mr', metaWrite: '$mw' };
const RIGHTS = Object.keys(KEYS) as StreamRight[];

function rolesOf(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.every((role) => typeof role === 'string') ? value : undefined;
}

/** Reads an access control list as metadata and `$settings` hold it, e.g. `{"$r": "$all", "$w": ["ops", "$admins"]}`. */
export function parseAccessControlList(json: unknown): AccessControlList | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
  const found: Partial<Record<StreamRight, readonly string[]>> = {};
  for (const right of RIGHTS) {
    const roles = rolesOf((json as Record<string, unknown>)[KEYS[right]]);
    if (roles) found[right] = roles;
  }
  return found;
}
