import type { Logger } from '../../../src/application/ports/logger.js';

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

  /** Lines of a level that contain the text. */
  said(level: 'log' | 'warn' | 'error', text: string): readonly string[] {
    return this.lines.filter((line) => line.startsWith(`${level}: `) && line.includes(text));
  }
}
