/** Bus messages as a story: one line for what is new, none for what only repeats or renews. */
import { relayed } from '../../../actors/room-picture/message-text.ts';
import type { BusMessage } from '../../../actors/watch/bus-tap.ts';

export class Narrator {
  readonly #told = new Set<string>();

  /** The line to show for a message, if any. */
  tell({ from, to, message }: BusMessage): string | undefined {
    switch (message.kind) {
      case 'invite':
        return to === 'all' ? this.#once(`joins ${from}`, `${from} joins`) : undefined;
      case 'bye':
        return `${from} says bye`;
      case 'relay.request': {
        const { agreement, revision, streams } = message.body;
        return this.#once(`asks ${agreement} ${revision}`, `${from} asks ${to} to relay ${relayed(streams)}`);
      }
      case 'relay.offer': {
        const { agreement, revision, streams } = message.body;
        return this.#once(`offers ${agreement} ${revision}`, `${from} relays for ${to}: ${relayed(streams)}`);
      }
      case 'relay.reject':
        return `${from} refuses ${to}: ${message.body.code}`;
      case 'relay.release': {
        const { agreement, reason, noticeMs } = message.body;
        const what = noticeMs > 0 ? `gives ${to} notice` : `ends its agreement with ${to}`;
        return this.#once(`ends ${agreement} ${from} ${noticeMs > 0}`, `${from} ${what}: ${reason}`);
      }
      default:
        return undefined;
    }
  }

  #once(key: string, line: string): string | undefined {
    if (this.#told.has(key)) return undefined;
    this.#told.add(key);
    return line;
  }
}
