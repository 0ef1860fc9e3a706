/**
 * A terminal that shows one picture at a time, in place. It uses the terminal's second page, as editors do: no size or change of
 * size can scroll a part of an old picture out of reach, and what stood there before comes back. Sequences as in ECMA-48 and xterm.
 */
import type { PatientOutput } from '../../infra/process/terminal.ts';

export interface TerminalSize {
  readonly width: number;
  readonly height: number;
}

/** Of a terminal that does not say how large it is. */
const USUAL_SIZE: TerminalSize = { width: 80, height: 24 };

/** What is known of standard output: its size, and when that changes. */
interface Sized {
  readonly columns?: number;
  readonly rows?: number;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

const SECOND_PAGE = '\x1b[?1049h\x1b[?25l';
const FIRST_PAGE = '\x1b[?25h\x1b[?1049l';
/** A line that is wider than we think, for a terminal's letters are its own affair, is cut there and not wrapped. */
const NO_WRAP = '\x1b[?7l';
const WRAP = '\x1b[?7h';
const TOP_LEFT = '\x1b[H';
const CLEAR = '\x1b[2J';
const CLEAR_LINE_END = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

export class Screen {
  readonly #output: PatientOutput;
  readonly #sized: Sized;
  #shown = false;
  #cleared = false;
  readonly #leave = () => this.#output.write(WRAP + FIRST_PAGE);

  constructor(output: PatientOutput, sized: Sized) {
    this.#output = output;
    this.#sized = sized;
  }

  get size(): TerminalSize {
    const { columns, rows } = this.#sized;
    // A terminal whose other end has not said yet is 0 by 0.
    return { width: columns || USUAL_SIZE.width, height: rows || USUAL_SIZE.height };
  }

  /** Shows the picture that `render` makes, unless the terminal has not yet taken the one before. */
  show(render: (size: TerminalSize) => string): void {
    if (!this.#output.idle) return;
    const lines = render(this.size)
      .split('\n')
      .map((line) => line + CLEAR_LINE_END);
    const begin = this.#shown ? '' : SECOND_PAGE;
    // Whatever ends the process, the terminal is left as it was found.
    if (!this.#shown) process.once('exit', this.#leave);
    this.#shown = true;
    const clear = this.#cleared ? '' : CLEAR;
    this.#cleared = true;
    this.#output.write(`${begin}${NO_WRAP}${TOP_LEFT}${clear}${lines.join('\r\n')}${CLEAR_BELOW}${WRAP}`);
  }

  /** Calls `listener` when the size has changed, with nothing of the old picture left. Returns the function that stops it. */
  onResize(listener: () => void): () => void {
    const resized = () => {
      this.#cleared = false;
      listener();
    };
    this.#sized.on('resize', resized);
    return () => void this.#sized.off('resize', resized);
  }

  /** Gives the terminal back, with a last picture among what stood there before. */
  close(render: (size: TerminalSize) => string): void {
    if (this.#shown) {
      process.off('exit', this.#leave);
      this.#leave();
    }
    this.#shown = false;
    this.#output.write(`${NO_WRAP}${render(this.size).replaceAll('\n', '\r\n')}\r\n${WRAP}`);
  }
}
