/** A progress bar on standard error; on anything but a terminal, nothing. */
import { createLogUpdate } from 'log-update';

const WIDTH = 30;
/** Redrawn at most so often, in ms. */
const REDRAW_MS = 100;

export class ProgressBar {
  readonly #draw = process.stderr.isTTY ? createLogUpdate(process.stderr) : undefined;
  #drawnMs = 0;

  /** `done` 0..1. */
  show(done: number, text: string): void {
    const nowMs = performance.now();
    if (this.#draw === undefined || nowMs - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = nowMs;
    const full = Math.round(WIDTH * Math.min(1, done));
    this.#draw(`${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${Math.floor(done * 100)} %  ${text}`);
  }

  end(): void {
    this.#draw?.clear();
  }
}
