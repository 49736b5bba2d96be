import { graphlib, layout } from '@dagrejs/dagre';
import { Background, Handle, MarkerType, Position, ReactFlow, type Edge, type Node, type NodeProps } from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { memo, useMemo } from 'react';
import type { Step } from '../api/client';
import { Risk, stepLook, StepStateWord } from './states';
import { visible } from './visible-text';
import styles from './run-graph.module.css';

const WIDTH = 224;
const HEIGHT = 76;

/** What is drawn of a step, of a run or of a plan. */
export type DrawnStep = Pick<Step, 'step_id' | 'key' | 'name' | 'state' | 'risk_level' | 'depends_on'>;

type StepNode = Node<{ step: DrawnStep; isDown: boolean }, 'step'>;

const StepBox = memo(function StepBox({ data: { step, isDown }, selected }: NodeProps<StepNode>) {
  return (
    <div className={`${styles.box} ${styles[stepLook(step.state)] ?? ''} ${selected ? styles.selected : ''}`} title={visible(step.name)}>
      <Handle type="target" position={isDown ? Position.Top : Position.Left} className={styles.handle ?? ''} isConnectable={false} />
      <strong>
        <bdi dir="auto">{visible(step.name)}</bdi>
      </strong>
      <span className={styles.foot}>
        <StepStateWord state={step.state} />
        {(step.risk_level === 'L2' || step.risk_level === 'L3') && <Risk level={step.risk_level} note="" />}
      </span>
      <Handle type="source" position={isDown ? Position.Bottom : Position.Right} className={styles.handle ?? ''} isConnectable={false} />
    </div>
  );
});

const KINDS = { step: StepBox };

function placesOf(shape: readonly (readonly [string, readonly string[]])[], isDown: boolean): Map<string, { x: number; y: number }> {
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: isDown ? 'TB' : 'LR', nodesep: 16, ranksep: 48 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const [key] of shape) graph.setNode(key, { width: WIDTH, height: HEIGHT });
  for (const [key, after] of shape) for (const one of after) graph.setEdge(one, key);
  layout(graph);
  return new Map(
    graph.nodes().map((key) => {
      const { x, y } = graph.node(key) as { x: number; y: number };
      return [key, { x: x - WIDTH / 2, y: y - HEIGHT / 2 }];
    }),
  );
}

/** The plan in layers: left to right, on a phone from the top down. */
export function RunGraph(props: {
  readonly steps: readonly DrawnStep[];
  readonly selected: number | undefined;
  readonly select: (step: number) => void;
}) {
  const { steps, selected, select } = props;
  const isDown = useMemo(() => matchMedia('(max-width: 720px)').matches, []);
  const shape = JSON.stringify(steps.map(({ key, depends_on }) => [key, depends_on]));
  const places = useMemo(() => placesOf(JSON.parse(shape) as [string, string[]][], isDown), [shape, isDown]);
  const nodes = steps.map((step): StepNode => ({
    id: step.key,
    type: 'step',
    position: places.get(step.key)!,
    data: { step, isDown },
    width: WIDTH,
    height: HEIGHT,
    selected: step.step_id === selected,
    ariaLabel: visible(step.name),
  }));
  const edges = steps.flatMap(({ key, depends_on }) =>
    depends_on.map((one): Edge => ({
      id: `${one} ${key}`,
      source: one,
      target: key,
      markerEnd: { type: MarkerType.ArrowClosed },
      focusable: false,
    })),
  );
  const width = [...places.values()].reduce((most, { x }) => Math.max(most, x + WIDTH), 0);
  const height = [...places.values()].reduce((most, { y }) => Math.max(most, y + HEIGHT), 0);
  // As high as the plan is, at the size at which it fits in its place.
  const room = Math.min(isDown ? innerWidth - 32 : innerWidth - 248, 1152);
  const scale = Math.min(1, room / (width * 1.08));
  return (
    <div className={styles.graph} style={{ height: Math.min(480, Math.max(120, height * scale * 1.1 + 32)) }}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={KINDS}
        fitView
        fitViewOptions={{ padding: 0.08, maxZoom: 1 }}
        minZoom={0.05}
        nodesDraggable={false}
        nodesConnectable={false}
        preventScrolling={false}
        zoomOnScroll={false}
        colorMode="system"
        proOptions={{ hideAttribution: true }}
        onNodeClick={(_, node) => select(node.data.step.step_id)}
        onSelectionChange={({ nodes: [chosen] }) => {
          // Chosen with the keyboard.
          if (chosen && chosen.data.step.step_id !== selected) select(chosen.data.step.step_id);
        }}
      >
        <Background gap={24} />
      </ReactFlow>
    </div>
  );
}
