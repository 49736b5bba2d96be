let last = 0;

/** Ids of runs that no other test of the same spec uses. */
export const newId = (): number => (last += 1);
