/** Tells on standard error how far a trial has come: one line that is written anew on a terminal, a line for each step elsewhere. */
import { ProgressBar } from '../simulation/command/progress-bar.ts';

export class Progress {
  readonly #bar = new ProgressBar();

  /** @param what the step that has just ended */
  show(done: number, all: number, what: string): void {
    if (process.stderr.isTTY) this.#bar.show(done / all, `${done} of ${all}  ${what}`);
    else process.stderr.write(`${done} of ${all}: ${what}\n`);
  }

  end(): void {
    this.#bar.end();
  }
}
