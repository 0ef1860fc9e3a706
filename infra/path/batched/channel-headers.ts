/** What stands in front of messages to TURN channels, four bytes each, in native memory: none is taken until the first such message. */
import { CHANNEL_HEADER_BYTES, writeChannelHeader } from '../channel-data.ts';
import { NativeMemory } from './libc.ts';
import type { MessageBlock } from './message-block.ts';

export class ChannelHeaders {
  readonly #messages: number;
  #memory: NativeMemory | null = null;
  #bytes = new Uint8Array(0);

  constructor(messages: number) {
    this.#messages = messages;
  }

  /** Makes `vector` of `block` the header of a message that holds `bytes`. */
  lay(block: MessageBlock, vector: number, message: number, channel: number, bytes: number): void {
    const memory = this.#memory ?? this.#allocate();
    const offset = message * CHANNEL_HEADER_BYTES;
    writeChannelHeader(this.#bytes, offset, channel, bytes);
    block.setVector(vector, memory, offset, CHANNEL_HEADER_BYTES);
  }

  #allocate(): NativeMemory {
    this.#memory = new NativeMemory(this.#messages * CHANNEL_HEADER_BYTES);
    this.#bytes = new Uint8Array(this.#memory.buffer);
    return this.#memory;
  }
}
