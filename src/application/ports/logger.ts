/** Where the engine writes what an operator may want to know. ERROR means that a person must act. */
export interface Logger {
  log(message: string): void;
  warn(message: string): void;
  error(message: string, cause?: unknown): void;
}

export const LOGGER = Symbol('Logger');
