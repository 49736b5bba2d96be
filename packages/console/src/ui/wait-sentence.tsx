import { Link } from '@tanstack/react-router';
import type { Wait, WaitKind } from '../api/client';
import { Since, TimeAgo } from './time';
import { Words } from './visible-text';

export const WAIT_WORDS: Readonly<Record<WaitKind, string>> = {
  approval: 'an approval',
  dead_letter: 'a decision about a failed step',
  pause: 'a pause to end',
  start_time: 'its start time',
  parked: 'a decision about a parked event',
  retry: 'another attempt',
  tool: 'a node that has the tool',
  limit: 'room within a limit',
};

/** What holds a run, as a sentence with the way on. */
export function WaitSentence({ wait, stepName }: { readonly wait: Wait; readonly stepName?: string | undefined }) {
  const { kind, since, until, approval_id: approvalId } = wait;
  return (
    <span>
      {stepName !== undefined && (
        <>
          <Words>{stepName}</Words>:{' '}
        </>
      )}
      waits for{' '}
      {kind === 'approval' && approvalId !== null ? (
        <Link to="/approvals/$id" params={{ id: approvalId }}>
          an approval
        </Link>
      ) : kind === 'parked' ? (
        <Link to="/attention">{WAIT_WORDS[kind]}</Link>
      ) : (
        WAIT_WORDS[kind]
      )}
      {until !== null && (
        <>
          , <TimeAgo at={until} />
        </>
      )}
      {until === null && since !== null && (
        <small>
          {' '}
          for <Since at={since} />
        </small>
      )}
    </span>
  );
}
