/** Keeps what is heard in a room in a file, as it comes, so that it can be played again. */

import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import type { Heard } from '../room-picture/heard.ts';
import { RecordingError } from './errors.ts';
import { lineOf, type RecordingHead } from './recording-line.ts';

/** An hour of a room of ten that tells of its machines. In bytes. */
export const MAX_RECORDING_BYTES = 128 * 1024 * 1024;
/** A disk that stands still has as much wait for it, in bytes; lines that come then are left out. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

export class Recorder {
  readonly #stream: WriteStream;
  readonly #maxBytes: number;
  readonly #onEnd: (text: string) => void;
  #bytes = 0;
  #leftOut = 0;
  #ended = false;

  private constructor(stream: WriteStream, maxBytes: number, onEnd: (text: string) => void) {
    this.#stream = stream;
    this.#maxBytes = maxBytes;
    this.#onEnd = onEnd;
    stream.on('error', (error) => this.#endBecause(`it cannot be written: ${error.message}`));
  }

  /**
   * @param onEnd told, once, where the recording ends before it is closed
   * @throws {RecordingError} `recording.exists`, `recording.failed`
   */
  static async open(
    file: string,
    head: RecordingHead,
    onEnd: (text: string) => void,
    maxBytes = MAX_RECORDING_BYTES,
  ): Promise<Recorder> {
    // What somebody has kept is not to be lost.
    const stream = createWriteStream(file, { flags: 'wx', mode: 0o600 });
    try {
      await once(stream, 'open');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
        throw new RecordingError('recording.exists', `There is a file ${file} already. Give another name.`);
      const why = error instanceof Error ? error.message : String(error);
      throw new RecordingError('recording.failed', `The recording cannot be written: ${why}`, { cause: error });
    }
    const recorder = new Recorder(stream, maxBytes, (text) => onEnd(`The recording in ${file} has ended: ${text}`));
    recorder.#write(JSON.stringify(head));
    return recorder;
  }

  /** Lines that a slow disk did not take in time. */
  get leftOut(): number {
    return this.#leftOut;
  }

  take(heard: Heard): void {
    if (this.#ended) return;
    if (this.#stream.writableLength > MAX_WAITING_BYTES) this.#leftOut += 1;
    else this.#write(lineOf(heard));
  }

  /** Resolves when all that was taken is in the file. */
  async close(): Promise<void> {
    const wasEnded = this.#ended;
    this.#ended = true;
    if (this.#stream.closed) return;
    const closed = new Promise<void>((resolve) => this.#stream.once('close', () => resolve()));
    if (!wasEnded) this.#stream.end();
    await closed;
  }

  #write(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    if (this.#bytes + bytes.length > this.#maxBytes) {
      this.#endBecause(`it has ${Math.round(this.#maxBytes / 1024 / 1024)} MiB, and no more is kept`);
      this.#stream.end();
      return;
    }
    this.#bytes += bytes.length;
    this.#stream.write(bytes);
  }

  #endBecause(text: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd(text);
  }
}
