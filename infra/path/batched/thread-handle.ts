/** Starts the forwarding thread, and speaks to it. */
import { MessageChannel, Worker } from 'node:worker_threads';
import { PathError } from '../errors.ts';
import type { TableChange } from '../table/table.ts';
import { CONTROL, CONTROL_BYTES, type ThreadMessage, type ThreadStart } from './thread-contract.ts';

/**
 * Loading takes half a second of processor time, which a machine with ten other programs at work gives in as many
 * seconds. A thread that takes so much longer hangs; until then `dgram` does the work. In ms.
 */
const READY_WITHIN_MS = 60_000;

const ENTRY = new URL('./thread-entry.js', import.meta.url);

/** A process waits at its exit for its threads, and one that waits for a datagram would not notice. */
const atWork = new Set<ForwardingThread>();
process.on('exit', () => {
  for (const thread of atWork) thread.leave();
});

export interface ThreadEvents {
  /** There is something in the ring. */
  readonly onWake: () => void;
  /** The thread ended without being told to. */
  readonly onStopped: (error: PathError) => void;
  /** Must end a receive call that waits, and every later one. */
  readonly interrupt: () => void;
}

export class ForwardingThread {
  readonly #control: Int32Array;
  readonly #tables: MessageChannel;
  readonly #interrupt: () => void;
  readonly #exited: Promise<void>;
  #stopping = false;

  private constructor(worker: Worker, control: SharedArrayBuffer, tables: MessageChannel, events: ThreadEvents) {
    this.#control = new Int32Array(control);
    this.#tables = tables;
    this.#interrupt = events.interrupt;
    this.#exited = new Promise((resolve) => worker.once('exit', () => resolve()));
    atWork.add(this);
    let cause: unknown;
    worker.on('error', (error) => {
      cause = error;
    });
    worker.once('exit', () => {
      atWork.delete(this);
      if (!this.#stopping) events.onStopped(stoppedError(cause));
    });
    worker.on('message', (message: ThreadMessage) => {
      if (message === 'wake') events.onWake();
    });
  }

  /**
   * Starts the thread. It has tested the system calls when this resolves, and waits for {@link go}.
   *
   * @param entry the thread's file, for tests that need one that fails
   * @throws {PathError} `batched.unavailable`
   */
  static async start(
    given: Omit<ThreadStart, 'control' | 'tables'>,
    events: ThreadEvents,
    entry: URL = ENTRY,
  ): Promise<ForwardingThread> {
    const control = new SharedArrayBuffer(CONTROL_BYTES);
    const tables = new MessageChannel();
    const workerData: ThreadStart = { ...given, control, tables: tables.port2 };
    // Without the parent's arguments: `--import=tsx` would load twice over what the entry file loads.
    const worker = new Worker(entry, { workerData, transferList: [tables.port2], execArgv: [] });
    try {
      await becomesReady(worker);
    } catch (error) {
      tables.port1.close();
      await worker.terminate();
      throw error;
    }
    return new ForwardingThread(worker, control, tables, events);
  }

  changeTable(change: TableChange): void {
    // Posted first: who sees the new number finds the change at the port.
    this.#tables.port1.postMessage(change);
    Atomics.add(this.#control, CONTROL.GENERATION, 1);
  }

  /** The socket is the thread's from now on. */
  go(): void {
    Atomics.store(this.#control, CONTROL.GO, 1);
    Atomics.notify(this.#control, CONTROL.GO);
  }

  /** Tells the thread to end. */
  leave(): void {
    this.#stopping = true;
    Atomics.store(this.#control, CONTROL.STOP, 1);
    this.go();
    this.#interrupt();
  }

  /** Resolves when it has ended. */
  async stop(): Promise<void> {
    this.leave();
    await this.#exited;
    this.#tables.port1.close();
  }
}

/** Each listener is taken off by itself: `removeAllListeners` on a worker also stops its messages. */
function becomesReady(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (then: () => void) => {
      clearTimeout(timer);
      worker.off('error', onError).off('exit', onExit).off('message', onReady);
      then();
    };
    const onReady = () => settle(resolve);
    const onError = (cause: unknown) => settle(() => reject(unavailableError(cause)));
    const onExit = (code: number) => onError(new Error(`It ended with exit code ${code}.`));
    const timer = setTimeout(() => onError(new Error('It did not get ready in time.')), READY_WITHIN_MS);
    worker.once('error', onError).once('exit', onExit).once('message', onReady);
  });
}

function unavailableError(cause: unknown): PathError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PathError(
    'batched.unavailable',
    `The batched packet path does not start here: ${reason} Use --packet-path dgram.`,
    { cause },
  );
}

function stoppedError(cause: unknown): PathError {
  const reason = cause instanceof Error ? cause.message : 'no reason given';
  return new PathError('batched.stopped', `The forwarding thread ended (${reason}); going on with dgram.`, { cause });
}
