/** What is written in a call, as a page or a terminal shows it: the newest messages, and what keeps us from adding one. */
import { CodedError } from '../../infra/coded-error.ts';
import { Allowance, type Limit } from '../../machines/hearing/allowance.ts';
import { CHATS } from '../../machines/hearing/sender.ts';
import { chatTextSchema, MAX_CHAT_TEXT, type PeerId } from '../../machines/messages.ts';
import type { View } from '../../machines/view.ts';

/** A page that is loaded again shows these; who joins gets none. */
const MOST_KEPT = 200;
/** Less at once than others take of one: what is held up on its way comes closer together than it was said. */
const OWN: Limit = { ...CHATS, burst: 8 };
/** What no text may hold: see {@link chatTextSchema}. */
const NOT_PLAIN = /[^\n\t\P{Cc}]|[\p{Cs}\u202a-\u202e]/gu;

export interface ChatMessage {
  readonly from: PeerId;
  /** One member: nobody else has got it. */
  readonly to: PeerId | 'all';
  /** Of others: any, within {@link chatTextSchema}. */
  readonly text: string;
  /** When it was said here, or came here, in ms since the Unix epoch. */
  readonly atMs: number;
}

/** Why a text is not sent. Stable: programs switch on them. */
type ChatErrorCode =
  /** Nothing of it can be shown. */
  | 'chat.empty'
  | 'chat.too-long'
  /** We are not in the room, or the bus is away. */
  | 'chat.away'
  /** There is no such member, or it or we speak no RPR. */
  | 'chat.unknown'
  /** More than others would take of us now. */
  | 'chat.flood';

/** A text that is not sent, with a stable `code` and a message that says why. */
export class ChatError extends CodedError<ChatErrorCode> {
  override readonly name = 'ChatError';
}

/** Where we stand now. */
export interface ChatStanding {
  readonly view: View | undefined;
  readonly isJoined: boolean;
  readonly isBusAway: boolean;
}

export interface ChatOptions {
  readonly self: PeerId;
  readonly standing: () => ChatStanding;
  readonly send: (to: PeerId | 'all', text: string) => void;
  /** In ms since the Unix epoch; it never steps back. */
  readonly now: () => number;
  /** Told of each message, ours too. */
  readonly onMessage: (message: ChatMessage) => void;
}

export class Chat {
  readonly #options: ChatOptions;
  readonly #own = new Allowance(OWN);
  readonly #kept: ChatMessage[] = [];

  constructor(options: ChatOptions) {
    this.#options = options;
  }

  /** The newest messages, the oldest first. */
  get messages(): readonly ChatMessage[] {
    return this.#kept;
  }

  /**
   * Sends a text to all or to one member, once: it may be lost. Line ends become line feeds; control characters and what overrides
   * the direction of text are left out.
   *
   * @throws {ChatError} all of its codes
   */
  say(text: string, to: PeerId | 'all' = 'all'): ChatMessage {
    const { self, send, now } = this.#options;
    const plain = plainText(text);
    this.#requireWay(to);
    const atMs = now();
    if (!this.#own.take(1, atMs)) {
      throw new ChatError('chat.flood', 'That was too much at once: the others would not take it. Wait a moment.');
    }
    send(to, plain);
    return this.#keep({ from: self, to, text: plain, atMs });
  }

  /** A member has written. */
  take(from: PeerId, to: PeerId | 'all', text: string): void {
    this.#keep({ from, to, text, atMs: this.#options.now() });
  }

  #requireWay(to: PeerId | 'all'): void {
    const { view, isJoined, isBusAway } = this.#options.standing();
    if (!isJoined || isBusAway || view === undefined) {
      throw new ChatError('chat.away', 'There is no connection to the room now. Say it again when there is one.');
    }
    // A plain endpoint hears and says nothing of RPR.
    const speaks = (peer: PeerId) => view.members.get(peer)?.compatible === true;
    if (!speaks(view.self)) throw new ChatError('chat.unknown', 'A plain RTP endpoint takes no part in the chat.');
    if (to !== 'all' && (to === view.self || !speaks(to))) {
      throw new ChatError('chat.unknown', `${to} is not in the room, or takes no part in the chat.`);
    }
  }

  #keep(message: ChatMessage): ChatMessage {
    this.#kept.push(message);
    if (this.#kept.length > MOST_KEPT) this.#kept.shift();
    this.#options.onMessage(message);
    return message;
  }
}

/** @throws {ChatError} `chat.empty`, `chat.too-long` */
function plainText(text: string): string {
  const plain = text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(NOT_PLAIN, '')
    .replace(/^\n+|\s+$/g, '');
  if (plain.trim() === '') throw new ChatError('chat.empty', 'There is nothing to say in that.');
  if (plain.length <= MAX_CHAT_TEXT) return plain;
  throw new ChatError('chat.too-long', `That has ${plain.length} characters; a message has at most ${MAX_CHAT_TEXT}.`);
}
