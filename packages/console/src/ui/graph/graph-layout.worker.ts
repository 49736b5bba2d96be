import { graphlib, layout } from '@dagrejs/dagre';
import { HEIGHT, layered, WIDTH, type Places, type Shape } from './layered';

export interface LayoutQuestion {
  readonly number: number;
  readonly shape: Shape;
  readonly isDown: boolean;
}
export interface LayoutAnswer {
  readonly number: number;
  readonly places: Places;
}

/** Above it the finer layout takes longer than anybody waits. */
const MOST_FINE = 300;

function fine(shape: Shape, isDown: boolean): Places {
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: isDown ? 'TB' : 'LR', nodesep: 16, ranksep: 48 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const [id] of shape) graph.setNode(id, { width: WIDTH, height: HEIGHT });
  for (const [id, after] of shape) for (const one of after) graph.setEdge(one, id);
  layout(graph);
  return graph.nodes().map((id) => {
    const { x, y } = graph.node(id) as { x: number; y: number };
    return [id, x - WIDTH / 2, y - HEIGHT / 2];
  });
}

onmessage = ({ data: { number, shape, isDown } }: MessageEvent<LayoutQuestion>) => {
  const isSmall = shape.length <= MOST_FINE && shape.reduce((sum, [, after]) => sum + after.length, 0) <= 3 * MOST_FINE;
  postMessage({ number, places: (isSmall ? fine : layered)(shape, isDown) } satisfies LayoutAnswer);
};
