import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, api, type Approval } from '../../api/client';
import { keys, notePosition } from '../../api/live';
import { useUser } from '../../ui/user';

export type Verdict = 'approve' | 'reject';

/** How many of a bundle are on their way at once. */
const AT_ONCE = 4;

export interface Decisions {
  readonly isOff: boolean;
  readonly isPending: (id: number) => boolean;
  /** Why the last decision about it was refused. */
  readonly refusalOf: (id: number) => unknown;
  /** Decides about each as it was shown; resolves with how many were recorded. */
  readonly decide: (approvals: readonly Approval[], decision: Verdict, reason?: string) => Promise<number>;
}

/** Decisions about the requests of a page, with a result for each. */
export function useDecisions(): Decisions {
  const client = useQueryClient();
  const user = useUser();
  const [results, setResults] = useState<ReadonlyMap<number, 'pending' | { readonly error: unknown }>>(new Map());
  const note = (id: number, result: 'pending' | { readonly error: unknown } | undefined): void =>
    setResults((known) => {
      const next = new Map(known);
      if (result === undefined) next.delete(id);
      else next.set(id, result);
      return next;
    });

  const decideOne = async ({ approval_id: id, args_hash }: Approval, decision: Verdict, reason: string): Promise<boolean> => {
    note(id, 'pending');
    try {
      const answer = await answerOf(
        api.POST('/api/approvals/{id}/decision', {
          params: { path: { id } },
          body: { decision, decided_by: user!, args_hash, ...(reason === '' ? {} : { reason }) },
        }),
      );
      notePosition(answer.position);
      const { status, decided_by, decided_at } = answer;
      const decided = { status, decided_by, decided_at, decision_reason: answer.reason };
      client.setQueriesData<Approval | readonly Approval[]>({ queryKey: keys.approvals }, (known) => {
        const changed = (one: Approval): Approval => (one.approval_id === id ? { ...one, ...decided } : one);
        return known === undefined ? known : 'approval_id' in known ? changed(known) : known.map(changed);
      });
      note(id, undefined);
      return true;
    } catch (error) {
      note(id, { error });
      // Somebody else may have decided: then the card says who did.
      void client.invalidateQueries({ queryKey: keys.approvals });
      return false;
    }
  };

  return {
    isOff: user === null,
    isPending: (id) => results.get(id) === 'pending',
    refusalOf: (id) => {
      const result = results.get(id);
      return result === undefined || result === 'pending' ? undefined : result.error;
    },
    decide: async (approvals, decision, reason = '') => {
      const left = [...approvals];
      let recorded = 0;
      const work = async (): Promise<void> => {
        for (let one = left.shift(); one; one = left.shift()) if (await decideOne(one, decision, reason.trim())) recorded += 1;
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      return recorded;
    },
  };
}
