import { setFlagsFromString } from 'node:v8';

/** By itself V8 lets the heap of a machine with much memory grow to four times what is in use before it looks for garbage: hundreds of megabytes. */
export const keepHeapSmall = (): void => setFlagsFromString('--heap-growing-percent=50');
