/** Boxes with those that come before each. */
export type Shape = readonly (readonly [id: string, after: readonly string[]])[];
export type Places = readonly (readonly [id: string, x: number, y: number])[];

export const WIDTH = 224;
export const HEIGHT = 76;
const BESIDE = 16;
const BETWEEN = 48;

/** The layer of each by the longest way from the start, in a time that grows with the boxes and lines only. */
export function ranksOf(shape: Shape): ReadonlyMap<string, number> {
  const next = new Map<string, string[]>(shape.map(([id]) => [id, []]));
  const left = new Map<string, number>();
  for (const [id, after] of shape) {
    left.set(id, after.length);
    for (const one of after) next.get(one)?.push(id);
  }
  const rank = new Map<string, number>();
  const queue = shape.flatMap(([id, after]) => (after.length === 0 ? [id] : []));
  for (const id of queue) rank.set(id, 0);
  for (let index = 0; index < queue.length; index += 1) {
    const id = queue[index]!;
    for (const one of next.get(id) ?? []) {
      rank.set(one, Math.max(rank.get(one) ?? 0, rank.get(id)! + 1));
      left.set(one, left.get(one)! - 1);
      if (left.get(one) === 0) queue.push(one);
    }
  }
  return rank;
}

/** Layers, each with its boxes near those that come before. */
export function layered(shape: Shape, isDown: boolean): Places {
  const rank = ranksOf(shape);
  const layers: (readonly [id: string, after: readonly string[]])[][] = [];
  for (const box of shape) (layers[rank.get(box[0]) ?? 0] ??= []).push(box);
  const across = new Map<string, number>();
  const step = (isDown ? WIDTH : HEIGHT) + BESIDE;
  return layers.flatMap((layer, depth) => {
    const wish = ([, after]: (typeof layer)[number]): number =>
      after.length === 0 ? 0 : after.reduce((sum, one) => sum + (across.get(one) ?? 0), 0) / after.length;
    const sorted = layer.map((box) => [box[0], wish(box)] as const).sort((one, other) => one[1] - other[1]);
    return sorted.map(([id], index) => {
      const place = (index - (sorted.length - 1) / 2) * step;
      across.set(id, place);
      const along = depth * ((isDown ? HEIGHT : WIDTH) + BETWEEN);
      return isDown ? ([id, place, along] as const) : ([id, along, place] as const);
    });
  });
}
