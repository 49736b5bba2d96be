import { Background, Handle, MarkerType, Position, ReactFlow, type Edge, type Node, type NodeProps } from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { memo, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Step, StepState } from '../../api/client';
import { Risk, Skeleton, stepLook, stepStateWord, StepStateWord } from '../states';
import { visible } from '../visible-text';
import form from '../form.module.css';
import { boxesOf, type Box } from './boxes';
import type { LayoutAnswer, LayoutQuestion } from './graph-layout.worker';
import { HEIGHT, WIDTH, type Shape } from './layered';
import { ChangedMark } from '../changed-mark';
import styles from './run-graph.module.css';

/** What is drawn of a step, of a run or of a plan. */
export type DrawnStep = Pick<Step, 'step_id' | 'key' | 'name' | 'tool' | 'state' | 'risk_level' | 'depends_on'>;

/** With more boxes only those that are seen are drawn, and the graph begins at its start rather than as a whole. */
const MANY = 200;
/** With more lines they are left out: nobody could follow them, and each is an element. */
const MOST_LINES = 3_000;

type StepNode = Node<{ step: DrawnStep; isDown: boolean; isDim: boolean; isChanged: boolean }, 'step'>;
type GroupNode = Node<
  {
    id: string;
    level: number | undefined;
    steps: readonly DrawnStep[];
    isDown: boolean;
    isDim: boolean;
    isChanged: boolean;
    open: (id: string) => void;
  },
  'group'
>;

const Ends = ({ isDown }: { readonly isDown: boolean }) => (
  <>
    <Handle type="target" position={isDown ? Position.Top : Position.Left} className={styles.handle ?? ''} isConnectable={false} />
    <Handle type="source" position={isDown ? Position.Bottom : Position.Right} className={styles.handle ?? ''} isConnectable={false} />
  </>
);

const StepBox = memo(function StepBox({ data: { step, isDown, isDim, isChanged }, selected }: NodeProps<StepNode>) {
  const classes = [styles.box, styles[stepLook(step.state)], selected && styles.selected, isDim && styles.dim, isChanged && styles.changed];
  return (
    <div className={classes.filter(Boolean).join(' ')} title={visible(step.name)}>
      <strong>
        <bdi dir="auto">{visible(step.name)}</bdi>
      </strong>
      <span className={styles.foot}>
        <StepStateWord state={step.state} />
        {(step.risk_level === 'L2' || step.risk_level === 'L3') && <Risk level={step.risk_level} note="" />}
      </span>
      {isChanged && <ChangedMark />}
      <Ends isDown={isDown} />
    </div>
  );
});

const countsOf = (steps: readonly DrawnStep[]): ReadonlyMap<StepState, number> => {
  const counts = new Map<StepState, number>();
  for (const { state } of steps) counts.set(state, (counts.get(state) ?? 0) + 1);
  return counts;
};

const GroupBox = memo(function GroupBox({ data: { id, level, steps, isDown, isDim, isChanged, open }, selected }: NodeProps<GroupNode>) {
  const classes = [styles.box, styles.group, selected && styles.selected, isDim && styles.dim, isChanged && styles.changed];
  const tools = [...new Set(steps.map(({ tool }) => tool))];
  return (
    <button type="button" className={classes.filter(Boolean).join(' ')} aria-expanded={false} onClick={() => open(id)}>
      <strong>
        {level === undefined ? `${steps.length} equal steps` : `Level ${level}: ${steps.length} steps`}
        {tools.length === 1 && ` of ${tools[0]}`}
      </strong>
      <span className={styles.counts}>
        {[...countsOf(steps)].map(([state, count]) => (
          <span key={state}>
            {count} {stepStateWord(state).toLowerCase()}
          </span>
        ))}
      </span>
      {isChanged && <ChangedMark />}
      <Ends isDown={isDown} />
    </button>
  );
});

const KINDS = { step: StepBox, group: GroupBox };

type PlaceOf = ReadonlyMap<string, { readonly x: number; readonly y: number }>;

/** Places of the boxes, found beside the page; those of an earlier shape until then. */
function usePlaces(shape: string, isDown: boolean): PlaceOf | undefined {
  const [places, setPlaces] = useState<PlaceOf>();
  const worker = useRef<Worker>(undefined);
  const asked = useRef(0);
  useEffect(() => {
    const own = new Worker(new URL('./graph-layout.worker.ts', import.meta.url), { type: 'module' });
    worker.current = own;
    own.onmessage = ({ data: { number, places: found } }: MessageEvent<LayoutAnswer>) => {
      if (number === asked.current) setPlaces(new Map(found.map(([id, x, y]) => [id, { x, y }])));
    };
    return () => own.terminate();
  }, []);
  useEffect(() => {
    asked.current += 1;
    const question: LayoutQuestion = { number: asked.current, shape: JSON.parse(shape) as Shape, isDown };
    worker.current?.postMessage(question);
  }, [shape, isDown]);
  return places;
}

interface Filter {
  readonly state: string;
  readonly tool: string;
}

/** What is not asked for is dimmed and not hidden: the shape matters. */
function Filters({
  steps,
  filter,
  change,
}: {
  readonly steps: readonly DrawnStep[];
  readonly filter: Filter;
  readonly change: (to: Filter) => void;
}) {
  const states = [...countsOf(steps)];
  const tools = [...new Set(steps.map(({ tool }) => tool))].sort();
  return (
    <>
      <select aria-label="Steps in state" value={filter.state} onChange={({ target }) => change({ ...filter, state: target.value })}>
        <option value="">Any state</option>
        {states.map(([state, count]) => (
          <option key={state} value={state}>
            {stepStateWord(state)} ({count})
          </option>
        ))}
      </select>
      <select aria-label="Steps of tool" value={filter.tool} onChange={({ target }) => change({ ...filter, tool: target.value })}>
        <option value="">Any tool</option>
        {tools.map((tool) => (
          <option key={tool}>{tool}</option>
        ))}
      </select>
    </>
  );
}

const NO_FILTER: Filter = { state: '', tool: '' };

/** Where lines meet a box, known beforehand: boxes need not all be drawn once to find out. */
const handlesOf = (isDown: boolean): NonNullable<Node['handles']> =>
  (['target', 'source'] as const).map((type) => {
    const isStart = type === 'target';
    const size = { width: 1, height: 1 };
    return isDown
      ? { type, position: isStart ? Position.Top : Position.Bottom, x: WIDTH / 2, y: isStart ? 0 : HEIGHT, ...size }
      : { type, position: isStart ? Position.Left : Position.Right, x: isStart ? 0 : WIDTH, y: HEIGHT / 2, ...size };
  });

const edgesOf = (boxes: readonly Box<DrawnStep>[]): Edge[] =>
  boxes.flatMap(({ id, after }) =>
    after.map((one) => ({
      id: `${one} ${id}`,
      source: one,
      target: id,
      markerEnd: { type: MarkerType.ArrowClosed },
      focusable: false,
    })),
  );

/** The plan in layers: left to right, on a phone from the top down. */
export function RunGraph(props: {
  readonly steps: readonly DrawnStep[];
  readonly selected: number | undefined;
  readonly changed: ReadonlySet<number>;
  readonly select: (step: number) => void;
}) {
  const { steps, selected, changed, select } = props;
  const isDown = useMemo(() => matchMedia('(max-width: 720px)').matches, []);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const [filter, setFilter] = useState(NO_FILTER);
  const open = useCallback((id: string) => setOpened((known) => new Set([...known, id])), []);
  const fold = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // The box that had the focus is gone: it goes to the way back, from where the steps are one Tab away.
    if (opened.size > 0) fold.current?.focus({ preventScroll: true });
  }, [opened]);
  const boxes = useMemo(() => boxesOf(steps, opened), [steps, opened]);
  const shape = useMemo(() => JSON.stringify(boxes.map(({ id, after }) => [id, after])), [boxes]);
  const lines = boxes.reduce((sum, { after }) => sum + after.length, 0);
  const isCut = lines > MOST_LINES;
  const edges = useMemo(() => (isCut ? [] : edgesOf(boxes)), [boxes, isCut]);
  const places = usePlaces(shape, isDown);
  const handles = useMemo(() => handlesOf(isDown), [isDown]);
  const isOut = ({ state, tool }: DrawnStep): boolean =>
    (filter.state !== '' && state !== filter.state) || (filter.tool !== '' && tool !== filter.tool);
  const nodes = boxes.flatMap(({ id, level, steps: own }): (StepNode | GroupNode)[] => {
    const position = places?.get(id);
    const known = boxes.length > MANY ? { handles, measured: { width: WIDTH, height: HEIGHT } } : {};
    const [step] = own;
    if (!position || !step) return [];
    const shared = { id, position, width: WIDTH, height: HEIGHT, ...known, selected: own.some(({ step_id }) => step_id === selected) };
    const data = { isDown, isDim: own.every(isOut), isChanged: own.some(({ step_id }) => changed.has(step_id)) };
    return own.length === 1
      ? [{ ...shared, type: 'step', ariaLabel: visible(step.name), data: { ...data, step } }]
      : [{ ...shared, type: 'group', selectable: false, focusable: false, data: { ...data, id, level, steps: own, open } }];
  });
  const all = [...(places?.values() ?? [])];
  const [least, most] = [
    all.reduce((sum, { x, y }) => ({ x: Math.min(sum.x, x), y: Math.min(sum.y, y) }), { x: 0, y: 0 }),
    all.reduce((sum, { x, y }) => ({ x: Math.max(sum.x, x + WIDTH), y: Math.max(sum.y, y + HEIGHT) }), { x: 0, y: 0 }),
  ];
  // As high as the plan is, at the size at which it fits in its place.
  const room = Math.min(isDown ? innerWidth - 32 : innerWidth - 248, 1152);
  const scale = Math.min(1, room / ((most.x - least.x) * 1.08));
  const isMany = boxes.length > MANY;
  const height = isMany ? 480 : Math.min(480, Math.max(120, (most.y - least.y) * scale * 1.1 + 32));
  const first = boxes[0] && places?.get(boxes[0].id);
  return (
    <>
      <div className={`${form.row} ${styles.tools}`}>
        <Filters steps={steps} filter={filter} change={setFilter} />
        {opened.size > 0 && (
          <button type="button" ref={fold} onClick={() => setOpened(new Set())}>
            Fold equal steps
          </button>
        )}
        {isCut && <small>Its {lines} lines are not drawn. The list of steps says what comes after what.</small>}
      </div>
      {places ? (
        <div className={styles.graph} style={{ height }}>
          <ReactFlow<StepNode | GroupNode>
            key={isMany ? 'many' : `few ${opened.size}`}
            nodes={nodes}
            edges={edges}
            nodeTypes={KINDS}
            fitView={!isMany}
            fitViewOptions={{ padding: 0.08, maxZoom: 1 }}
            defaultViewport={{ x: 24 - (first?.x ?? 0) * 0.75, y: 200 - (first?.y ?? 0) * 0.75, zoom: 0.75 }}
            onlyRenderVisibleElements={isMany}
            minZoom={0.05}
            nodesDraggable={false}
            nodesConnectable={false}
            preventScrolling={false}
            zoomOnScroll={false}
            colorMode="system"
            proOptions={{ hideAttribution: true }}
            onNodeClick={(_, node) => node.type === 'step' && select(node.data.step.step_id)}
            onSelectionChange={({ nodes: [chosen] }) => {
              // Chosen with the keyboard.
              if (chosen?.type === 'step' && chosen.data.step.step_id !== selected) select(chosen.data.step.step_id);
            }}
          >
            <Background gap={24} />
          </ReactFlow>
        </div>
      ) : (
        <Skeleton shape="page" />
      )}
    </>
  );
}
