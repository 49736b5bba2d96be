import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Tool, ToolFigures } from '../../api/client';
import { toolFigures } from '../../api/figures';
import { tools as toolsQuestion } from '../../api/questions';
import { Json } from '../../ui/arguments';
import { lengthOrNone, numberOf, rateOf } from '../../ui/figures';
import { Empty, Problem, Risk, Skeleton, Word, type Look } from '../../ui/states';
import { Table, type Column } from '../../ui/table';
import { lengthOf } from '../../ui/time';
import { visible, Words } from '../../ui/visible-text';
import { schemaRows, type SchemaRow } from './schema-rows';
import styles from './tools.module.css';

const EFFECTS: Readonly<Record<Tool['effect'], string>> = {
  'read-only': 'None: it only reads',
  idempotent: 'Once, however often it is called with the same key',
  'non-idempotent': 'Each time it is called: not repeated where its outcome is unknown',
};

const roundLength = (ms: number): string => lengthOf(ms).replace('.0 ', ' ');

function retryWords({ max_attempts: most, initial_delay_ms: first, multiplier, max_delay_ms: longest }: Tool['retry']): string {
  if (most === 1) return 'One attempt, no other';
  const grows = multiplier > 1 ? `, then ${numberOf(multiplier)} times as long, at most ${roundLength(longest)}` : '';
  return `Up to ${most} attempts, the second after ${roundLength(first)}${grows}`;
}

function undoOf({ effect, undo, irreversible }: Tool): readonly [words: string, look: Look] {
  if (undo !== null) return [`Undone by ${undo.tool}`, 'good'];
  return irreversible ? ['Irreversible', 'bad'] : [effect === 'read-only' ? 'Nothing to undo' : 'No undo', 'idle'];
}

const ARGUMENTS: readonly Column<SchemaRow>[] = [
  { name: 'Name', of: ({ name }) => <code>{visible(name)}</code> },
  { name: 'Type', of: ({ type }) => visible(type) },
  { name: 'Required', of: ({ isRequired }) => (isRequired ? <span className={styles.required}>required</span> : 'optional') },
  { name: 'Description', of: ({ description }) => <Words>{description}</Words> },
  { name: 'Limits', of: ({ limits }) => visible(limits.join('; ')) },
];

function Figures({ figures }: { readonly figures: readonly ToolFigures[] | undefined }) {
  if (figures === undefined) return <>…</>;
  const [now] = figures;
  if (now === undefined) return <>Not called</>;
  return (
    <>
      {rateOf(now.success_rate)} of {now.attempts === 1 ? '1 attempt' : `${numberOf(now.attempts)} attempts`} succeeded · p50{' '}
      {lengthOrNone(now.p50_ms)} · p95 {lengthOrNone(now.p95_ms)}
    </>
  );
}

function Card({ tool, figures }: { readonly tool: Tool; readonly figures: readonly ToolFigures[] | undefined }) {
  const rows = schemaRows(tool.input_schema);
  const [undo, look] = undoOf(tool);
  return (
    <article className={styles.tool} id={tool.name} aria-label={tool.name}>
      <div className={styles.head}>
        <h2>{visible(tool.name)}</h2>
        <Risk level={tool.risk_level} />
        <Word word={undo} look={look} />
        <small>version {visible(tool.version)}</small>
      </div>
      <p>
        <Words>{tool.description}</Words>
      </p>
      <dl className={styles.facts}>
        <div>
          <dt>Last 7 days, this version</dt>
          <dd>
            <Figures figures={figures} />
          </dd>
        </div>
        <div>
          <dt>Effect</dt>
          <dd>{EFFECTS[tool.effect]}</dd>
        </div>
        <div>
          <dt>When it fails</dt>
          <dd>{retryWords(tool.retry)}</dd>
        </div>
        <div>
          <dt>Limits, for each process</dt>
          <dd>
            {tool.concurrency} at once
            {tool.rate !== null && `, ${tool.rate.calls} in ${roundLength(tool.rate.per_ms)}`}; an attempt may take{' '}
            {roundLength(tool.timeout_ms)}
          </dd>
        </div>
      </dl>
      {rows.length === 0 ? (
        <p>It takes no arguments.</p>
      ) : (
        <details>
          <summary>
            Arguments of {visible(tool.name)} ({rows.length})
          </summary>
          <Table name={`Arguments of ${tool.name}`} columns={ARGUMENTS} rows={rows} keyOf={({ name }) => name} isHeadingHidden />
        </details>
      )}
      <Json value={{ input: tool.input_schema, output: tool.output_schema }} title="JSON Schemas" />
    </article>
  );
}

const WEEK = { from: '7d' };

/** What the engine can do, and how risky it is. */
export function ToolsPage() {
  const { data, error, refetch } = useQuery(toolsQuestion);
  const figures = useQuery(toolFigures(WEEK));
  const [text, setText] = useState('');
  const words = text.toLowerCase();
  const shown = data?.filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(words));
  return (
    <>
      <header>
        <h1>Tools</h1>
        <small>What steps can call.</small>
        <Link to="/insights">How well they work</Link>
      </header>
      {error && <Problem error={error} again={() => void refetch()} />}
      {figures.error && <Problem error={figures.error} again={() => void figures.refetch()} />}
      {!data && !error && <Skeleton shape="card" count={3} />}
      {data && data.length > 0 && (
        <input
          className={styles.search}
          type="search"
          aria-label="Search in tools"
          placeholder="Search in tools"
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
      )}
      {data?.length === 0 && (
        <Empty title="There are no tools">
          <p>Tools that the engine is started with appear here, with what they take and how risky they are.</p>
        </Empty>
      )}
      {data && data.length > 0 && shown?.length === 0 && (
        <Empty title="No tool is like that">
          <button type="button" onClick={() => setText('')}>
            Show all tools
          </button>
        </Empty>
      )}
      <div className={styles.list}>
        {shown?.map((tool) => (
          <Card
            key={`${tool.name} ${tool.version}`}
            tool={tool}
            figures={figures.data?.items.filter((row) => row.tool === tool.name && row.tool_version === tool.version)}
          />
        ))}
      </div>
    </>
  );
}
