import { useMutation, useQueryClient } from '@tanstack/react-query';
import { notePosition } from './live';

/** Something that a person does; afterwards everything that is shown is read again, at least as new as the act. */
export function useAct<Input = void, Answer extends object = object>(act: (input: Input) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation<Answer, Error, Input>({
    mutationFn: act,
    onSuccess: (answer) => {
      if ('position' in answer && typeof answer.position === 'string') notePosition(answer.position);
    },
    // Also where it was refused: what is shown was old then.
    onSettled: () => client.invalidateQueries(),
  });
}

/** The members that say who did it and why. */
export const doneBy = (user: number | null, reason = ''): { user_id?: number; reason?: string } => ({
  ...(user !== null && { user_id: user }),
  ...(reason.trim() !== '' && { reason: reason.trim() }),
});

/** For `Idempotency-Key`. Not `randomUUID`, which pages over plain HTTP do not have. */
export const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
