const TrueDate = Date;

/** Milliseconds since the Unix epoch, whatever the wall clock of this process has been set to. */
export const trueNow = (): number => TrueDate.now();
