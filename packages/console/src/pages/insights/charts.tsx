import { Bar, BarChart, CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import type { RunFiguresOfBucket } from '../../api/client';
import { bucketName, type Bucket } from '../../api/period';
import { lengthOrNone, rateOf } from '../../ui/figures';
import { lengthOf } from '../../ui/time';
import styles from './insights.module.css';

export interface ChartData {
  readonly buckets: readonly RunFiguresOfBucket[];
  readonly bucket: Bucket;
}

const SMALL = { fontSize: 13, fill: 'var(--soft)' };
const HEIGHT = 220;
const MARGIN = { top: 8, right: 8, bottom: 0, left: 0 };
/** With fewer buckets a line shows its points. */
const MOST_POINTS = 40;

const TOOLTIP = {
  contentStyle: {
    background: 'var(--raised)',
    border: '1px solid var(--line)',
    borderRadius: 6,
    color: 'var(--ink)',
    fontSize: 13,
  },
  isAnimationActive: false,
  cursor: { fill: 'var(--sunken)', stroke: 'var(--line)' },
} as const;

/** A point at the edge is not cut in half. */
const EDGE = { left: 12, right: 12 };

function axes({ bucket }: ChartData, padding = { left: 0, right: 0 }) {
  return (
    <>
      <CartesianGrid vertical={false} stroke="var(--line)" />
      <XAxis
        dataKey="start"
        tickFormatter={(start: string) => bucketName(start, bucket)}
        tick={SMALL}
        tickLine={false}
        stroke="var(--line)"
        minTickGap={24}
        padding={padding}
      />
    </>
  );
}

const labelOf =
  ({ bucket }: ChartData) =>
  (start: unknown): string =>
    bucketName(String(start), bucket);

/** Words and marks of what is drawn: a colour never stands alone. */
const Legend = ({ items }: { readonly items: readonly (readonly [word: string, look: string])[] }) => (
  <ul className={styles.legend}>
    {items.map(([word, look]) => (
      <li key={word} className={`${styles.mark} ${styles[look] ?? ''}`}>
        {word}
      </li>
    ))}
  </ul>
);

const OUTCOMES = [
  ['succeeded', 'var(--good)'],
  ['failed', 'var(--bad)'],
  ['cancelled', 'var(--idle)'],
] as const;

export function RunsChart(data: ChartData) {
  return (
    <>
      <Legend
        items={[
          ['succeeded', 'good'],
          ['failed', 'bad'],
          ['cancelled', 'idle'],
        ]}
      />
      <ResponsiveContainer width="100%" height={HEIGHT}>
        <BarChart data={[...data.buckets]} margin={MARGIN} title="Runs by outcome">
          {axes(data)}
          <YAxis allowDecimals={false} width={40} tick={SMALL} tickLine={false} axisLine={false} />
          <Tooltip {...TOOLTIP} labelFormatter={labelOf(data)} />
          {OUTCOMES.map(([outcome, colour]) => (
            <Bar
              key={outcome}
              dataKey={outcome}
              stackId="runs"
              fill={colour}
              stroke="var(--raised)"
              maxBarSize={48}
              isAnimationActive={false}
            />
          ))}
        </BarChart>
      </ResponsiveContainer>
    </>
  );
}

export function RateChart(data: ChartData) {
  return (
    <>
      <Legend items={[['succeeded of all that ended', 'good']]} />
      <ResponsiveContainer width="100%" height={HEIGHT}>
        <LineChart data={[...data.buckets]} margin={MARGIN} title="Success rate">
          {axes(data, EDGE)}
          <YAxis
            domain={[0, 1]}
            ticks={[0, 0.25, 0.5, 0.75, 1]}
            tickFormatter={(rate: number) => rateOf(rate)}
            width={48}
            tick={SMALL}
            tickLine={false}
            axisLine={false}
          />
          <Tooltip {...TOOLTIP} labelFormatter={labelOf(data)} formatter={(rate) => rateOf(Number(rate))} />
          <Line
            dataKey="success_rate"
            name="success rate"
            stroke="var(--good)"
            strokeWidth={2}
            dot={data.buckets.length <= MOST_POINTS && { fill: 'var(--good)', r: 3 }}
            isAnimationActive={false}
          />
        </LineChart>
      </ResponsiveContainer>
    </>
  );
}

const STEPS_MS = [1, 10, 100, 1_000, 10_000, 60_000, 600_000, 3_600_000, 36_000_000, 864_000_000, 8_640_000_000];

/** From the step below the shortest to the step above the longest. */
function lengthSteps(buckets: readonly RunFiguresOfBucket[]): readonly number[] {
  const lengths = buckets.flatMap(({ p50_ms, p95_ms }) => [p50_ms, p95_ms]).filter((ms) => ms !== null);
  const first = Math.max(
    0,
    STEPS_MS.findLastIndex((step) => step <= Math.min(...lengths)),
  );
  const last = STEPS_MS.findIndex((step) => step > Math.max(...lengths));
  return STEPS_MS.slice(first, last === -1 ? undefined : last + 1);
}

export function LengthChart(data: ChartData) {
  const steps = lengthSteps(data.buckets);
  // A logarithm has no zero.
  const drawn = data.buckets.map(({ start, p50_ms, p95_ms }) => ({
    start,
    p50: p50_ms === null ? null : Math.max(1, p50_ms),
    p95: p95_ms === null ? null : Math.max(1, p95_ms),
  }));
  const dots = data.buckets.length <= MOST_POINTS;
  return (
    <>
      <Legend
        items={[
          ['p50: half took at most this', 'busy'],
          ['p95: all but one in twenty', 'wait'],
        ]}
      />
      <ResponsiveContainer width="100%" height={HEIGHT}>
        <LineChart data={drawn} margin={MARGIN} title="How long runs took">
          {axes(data, EDGE)}
          <YAxis
            scale="log"
            domain={[steps[0] ?? 1, steps.at(-1) ?? 1_000]}
            ticks={[...steps]}
            tickFormatter={(ms: number) => lengthOf(ms).replace('.0', '')}
            width={64}
            tick={SMALL}
            tickLine={false}
            axisLine={false}
          />
          <Tooltip {...TOOLTIP} labelFormatter={labelOf(data)} formatter={(ms) => lengthOrNone(Number(ms))} />
          <Line dataKey="p50" stroke="var(--busy)" strokeWidth={2} dot={dots && { fill: 'var(--busy)', r: 3 }} isAnimationActive={false} />
          <Line
            dataKey="p95"
            stroke="var(--wait)"
            strokeWidth={2}
            strokeDasharray="6 3"
            dot={dots && { fill: 'var(--wait)', r: 3, strokeDasharray: '' }}
            isAnimationActive={false}
          />
        </LineChart>
      </ResponsiveContainer>
    </>
  );
}
