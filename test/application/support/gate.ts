import type { Act } from './test-tools.js';

/** A tool that runs until the test lets it go on, or its signal says stop. */
export class Gate {
  readonly running: string[] = [];
  atOnce = 0;
  mostAtOnce = 0;
  private readonly waiting: (() => void)[] = [];
  readonly act: Act = async (text, { signal }) => {
    this.running.push(text);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    try {
      await new Promise<void>((resolve, reject) => {
        this.waiting.push(resolve);
        signal.addEventListener('abort', () => reject(new Error('stopped')));
      });
    } finally {
      this.atOnce -= 1;
    }
    return { text };
  };

  open(): void {
    for (const go of this.waiting.splice(0)) go();
  }
}
