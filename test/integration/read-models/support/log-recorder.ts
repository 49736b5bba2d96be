import type { Logger } from '../../../../src/application/ports/logger.js';

/** Keeps what is logged. */
export class LogRecorder implements Logger {
  readonly lines: string[] = [];

  log(message: string): void {
    this.lines.push(`log: ${message}`);
  }

  warn(message: string): void {
    this.lines.push(`warn: ${message}`);
  }

  error(message: string): void {
    this.lines.push(`error: ${message}`);
  }
}
