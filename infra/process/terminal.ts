/**
 * Writing that never waits. A terminal may stand still for hours (Ctrl-S, a laptop asleep at the other end of SSH), and so may
 * whoever reads a pipe or a socket; a plain write to them waits in the kernel, and the whole process with it.
 */
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { isatty } from 'node:tty';

/** How often what has not been taken is offered again, in ms. */
const RETRY_MS = 100;
const SETTLE_POLL_MS = 10;
/** What waits is no more than this, in bytes: some hundred lines. What comes then is left out, as a whole. */
const MOST_WAITING = 256 * 1024;

export interface PatientOutput {
  /** Nothing waits: what is written now begins to appear at once. */
  readonly idle: boolean;
  /** Writes all of a text, later where it must wait. False: it is left out, for too much waits already, or nobody is there any more. */
  write(text: string): boolean;
  /** Resolves when nothing waits any more, or after so many ms. */
  settle(withinMs: number): Promise<void>;
}

/** Who writes to what never comes back to read knows why. */
export type OnGone = (error: NodeJS.ErrnoException) => void;

/**
 * Opens what stands behind a descriptor once more: a terminal or a pipe that other processes share stays as it is to them. What
 * cannot be opened twice (a socket, a pipe on a system without `/proc`) is written to as it is, and no longer waits for anybody.
 *
 * @param onGone called when nobody is there any more, or the system takes no more
 * @returns undefined where it is a file, or a terminal that cannot be opened: writing to it is not for here
 */
export function openPatiently(descriptor: number, onGone: OnGone = () => undefined): PatientOutput | undefined {
  const own = reopen(descriptor);
  if (own !== undefined) return new Patient(own, onGone);
  return isStream(descriptor) ? new PatientStream(descriptor, onGone) : undefined;
}

/**
 * To be called before the end of a process whose terminal has been closed: at its exit Node restores the terminal's settings, and
 * aborts where there is none any more. What it does not have open it leaves alone.
 */
export function closeStandardStreams(): void {
  for (const descriptor of [0, 1, 2]) {
    try {
      closeSync(descriptor);
    } catch {
      // It was closed before.
    }
  }
}

class Patient implements PatientOutput {
  readonly #descriptor: number;
  readonly #onGone: OnGone;
  #waiting: Buffer = Buffer.alloc(0);
  #timer: NodeJS.Timeout | undefined;
  #gone = false;

  constructor(descriptor: number, onGone: OnGone) {
    this.#descriptor = descriptor;
    this.#onGone = onGone;
  }

  get idle(): boolean {
    this.#offer();
    return !this.#gone && this.#waiting.length === 0;
  }

  write(text: string): boolean {
    if (this.#gone || this.#waiting.length > MOST_WAITING) return false;
    this.#waiting = Buffer.concat([this.#waiting, Buffer.from(text)]);
    this.#offer();
    return !this.#gone;
  }

  async settle(withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (!this.idle && !this.#gone && performance.now() < deadline) await delay(SETTLE_POLL_MS);
  }

  #offer(): void {
    while (!this.#gone && this.#waiting.length > 0) {
      const taken = this.#writeSome();
      if (taken === 0) break;
      this.#waiting = this.#waiting.subarray(taken);
    }
    clearTimeout(this.#timer);
    if (!this.#gone && this.#waiting.length > 0) this.#timer = setTimeout(() => this.#offer(), RETRY_MS).unref();
  }

  #writeSome(): number {
    try {
      return writeSync(this.#descriptor, this.#waiting);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0;
      this.#gone = true;
      closeSync(this.#descriptor);
      this.#onGone(error instanceof Error ? error : new Error(String(error)));
      return 0;
    }
  }
}

/** A socket cannot be opened once more: Node's own writing to it waits in Node, without an end, so the end is here. */
class PatientStream implements PatientOutput {
  readonly #socket: Socket;

  constructor(descriptor: number, onGone: OnGone) {
    this.#socket = new Socket({ fd: descriptor, readable: false, writable: true });
    this.#socket.unref();
    this.#socket.once('error', onGone);
  }

  get idle(): boolean {
    return this.#socket.writable && this.#socket.writableLength === 0;
  }

  write(text: string): boolean {
    if (!this.#socket.writable || this.#socket.writableLength > MOST_WAITING) return false;
    this.#socket.write(text);
    return true;
  }

  async settle(withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (!this.idle && this.#socket.writable && performance.now() < deadline) await delay(SETTLE_POLL_MS);
  }
}

function isStream(descriptor: number): boolean {
  try {
    const kind = fstatSync(descriptor);
    return kind.isFIFO() || kind.isSocket();
  } catch {
    return false;
  }
}

function reopen(descriptor: number): number | undefined {
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
  const terminal = isatty(descriptor);
  try {
    if (!terminal && !fstatSync(descriptor).isFIFO()) return undefined;
    return openSync(pathOf(descriptor, terminal), O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    return undefined;
  }
}

/** Elsewhere than on Linux a descriptor's path shares its flags with it, but a process knows its terminal by name. */
function pathOf(descriptor: number, terminal: boolean): string {
  return process.platform !== 'linux' && terminal ? '/dev/tty' : `/proc/self/fd/${descriptor}`;
}
