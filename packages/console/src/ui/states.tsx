import type { ReactNode } from 'react';
import type { RiskLevel, RunState, StepState } from '../api/client';
import styles from './states.module.css';
import { visible } from './visible-text';

export type Look = 'good' | 'busy' | 'wait' | 'bad' | 'idle';

const RUN: Readonly<Record<RunState, readonly [string, Look]>> = {
  PLANNING: ['Planning', 'busy'],
  RUNNING: ['Running', 'busy'],
  PAUSED: ['Paused', 'wait'],
  CANCELLING: ['Cancelling', 'wait'],
  SUCCEEDED: ['Succeeded', 'good'],
  FAILED: ['Failed', 'bad'],
  CANCELLED: ['Cancelled', 'idle'],
};

const STEP: Readonly<Record<StepState, readonly [string, Look]>> = {
  PENDING: ['Pending', 'idle'],
  READY: ['Ready', 'busy'],
  RUNNING: ['Running', 'busy'],
  BLOCKED: ['Waits for approval', 'wait'],
  SUCCEEDED: ['Succeeded', 'good'],
  FAILED: ['Failed', 'bad'],
  SKIPPED: ['Skipped', 'idle'],
  CANCELLED: ['Cancelled', 'idle'],
};

export const runStateWord = (state: RunState): string => RUN[state][0];
export const stepStateWord = (state: StepState): string => STEP[state][0];
export const stepLook = (state: StepState): Look => STEP[state][1];

export const Word = ({ word, look }: { readonly word: string; readonly look: Look }) => (
  <span className={`${styles.word} ${styles[look]}`}>{word}</span>
);

/** A run that goes on and waits for something is shown as one that waits. */
export function RunStateWord({ state, isWaiting = false }: { readonly state: RunState; readonly isWaiting?: boolean }) {
  const [word, look] = state === 'RUNNING' && isWaiting ? (['Waiting', 'wait'] as const) : RUN[state];
  return <Word word={word} look={look} />;
}

export const StepStateWord = ({ state }: { readonly state: StepState }) => <Word word={STEP[state][0]} look={STEP[state][1]} />;

/** What is not to be taken for something that happened. */
export const ShadowWord = ({ of }: { readonly of: number | null }) => (
  <span className={styles.shadow}>Shadow{of !== null && ` of run ${of}`}</span>
);

const RISKS: Readonly<Record<RiskLevel, string>> = { L0: 'safe', L1: 'low risk', L2: 'medium risk', L3: 'high risk' };

export const Risk = ({ level, note }: { readonly level: RiskLevel; readonly note?: string }) => (
  <span className={`${styles.risk} ${styles[level] ?? ''}`}>{note === '' ? level : `${level} · ${note ?? RISKS[level]}`}</span>
);

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What went wrong, in the engine's words, and a way to try it again. */
export function Problem({ error, again }: { readonly error: unknown; readonly again?: () => void }) {
  return (
    <div className={styles.problem} role="alert">
      <p>{visible(messageOf(error))}</p>
      {again && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

export const Empty = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <div className={styles.empty}>
    <h2>{title}</h2>
    {children}
  </div>
);

/** Takes the room of what comes, so that nothing jumps. */
export const Skeleton = ({ shape, count = 1 }: { readonly shape: 'card' | 'line' | 'page'; readonly count?: number }) => (
  <div role="status" aria-label="Loading">
    {Array.from({ length: count }, (_, index) => (
      <div key={index} className={`${styles.skeleton} ${styles[shape]}`} />
    ))}
  </div>
);
