import { z } from 'zod';

type Schema = z.core.$ZodType;
type Def = z.core.$ZodTypes['_zod']['def'];

/** Members of a definition that hold what the value is made of. Of a pipe only its begin sees what the caller wrote: see `partsOf`. */
const PARTS = ['innerType', 'element', 'rest', 'options', 'items', 'left', 'right', 'keyType', 'valueType', 'catchall'] as const;

function partsOf(def: Def): readonly string[] {
  // What comes behind a transform is the tool's own making, unless the pipe begins with it (z.preprocess).
  if (def.type === 'pipe') return [(def.in as z.core.$ZodTypes)._zod.def.type === 'transform' ? 'out' : 'in'];
  return PARTS;
}

/** What a member of the definition becomes; shared and recursive parts are made once. */
class Closing {
  private readonly made = new Map<Schema, Schema>();

  close(schema: Schema): Schema {
    const known = this.made.get(schema);
    if (known) return known;
    const { def } = (schema as z.core.$ZodTypes)._zod;
    const next: Record<string, unknown> = {};
    for (const part of partsOf(def)) {
      // Late, for a schema may hold itself.
      if (part in def) this.late(next, part, () => this.closeAll((def as unknown as Record<string, unknown>)[part]));
    }
    if (def.type === 'object') {
      this.late(next, 'shape', () => this.closeAll(def.shape));
      if (def.catchall === undefined) next['catchall'] = z.never();
    }
    if (def.type === 'lazy') {
      next['getter'] = () => this.close(def.getter());
      // Where zod keeps what the getter gave.
      next['_cachedInner'] = undefined;
    }
    if (Object.keys(next).length === 0) return schema;
    // Descriptors and not values: reading `shape` too early would run into what is not declared yet.
    const whole = Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(def), ...Object.getOwnPropertyDescriptors(next) });
    const closed = z.core.clone(schema, whole as typeof def, { parent: true });
    this.made.set(schema, closed);
    return closed;
  }

  private closeAll(part: unknown): unknown {
    if (part instanceof z.core.$ZodType) return this.close(part);
    if (Array.isArray(part)) return part.map((one) => this.closeAll(one));
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([name, one]) => [name, this.closeAll(one)]));
  }

  private late(target: object, name: string, make: () => unknown): void {
    let value: { readonly of: unknown } | undefined;
    Object.defineProperty(target, name, { enumerable: true, configurable: true, get: () => (value ??= { of: make() }).of });
  }
}

/**
 * The schema, with every object in it refusing members that it does not name, unless it says itself that it is open (`z.looseObject`, `.catchall(…)`). zod would
 * drop them, and with them a part of what a person was shown and approved.
 */
export const closed = <T extends z.ZodType>(schema: T): T => new Closing().close(schema) as T;
