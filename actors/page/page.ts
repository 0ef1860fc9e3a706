/**
 * The page of one peer: which tab has it, and whether the peer is in a room. One tab at a time has the call; while it is loaded anew
 * the call goes on. Without a tab its streams rest after {@link TAB_GONE_MS}, and after {@link NOBODY_MS} the peer leaves.
 */
import { PageServer, type PageServerOptions } from '../../infra/web/page-server.ts';
import type { PageSocket } from '../../infra/web/page-socket.ts';
import type { LinkCodec } from '../../infra/webrtc/contract.ts';
import type { Clock } from '../clock.ts';
import type { RoomLink } from '../options/room-link.ts';
import { idOfName } from './id-of-name.ts';
import { parseInvite } from './invite.ts';
import {
  LIMITS,
  MAX_SLOTS,
  type PageFault,
  type PageMessage,
  readPageMessage,
  type ServerMessage,
} from './messages.ts';
import { errorOf, type PageCall } from './page-call.ts';
import { mimeTypesOf } from './page-codecs.ts';

/** A tab that is loaded anew is back by then, in ms; one that was closed says nothing more. */
const TAB_GONE_MS = 2500;
/** A browser that was started anew, or a person who has closed the wrong tab, is back by then, in ms. */
const NOBODY_MS = 60_000;
/** Ids that are tried of one name. */
const MOST_ATTEMPTS = 9;

/** Why a page's tab is closed by us, as WebSocket close codes. */
const CLOSED_FOR = { takenOver: 4001 } as const;

type Joining = Extract<PageMessage, { type: 'join' }>;
export type Ended = Extract<ServerMessage, { type: 'ended' }>;

/** What a person has chosen on the join screen, or before. */
export interface Choice {
  readonly name: string;
  readonly id: string;
  readonly meeting: RoomLink;
  /** bit/s; null: it is measured. */
  readonly uploadBps: number | null;
}

/** A call that has been joined. */
export interface JoinedCall {
  readonly page: Pick<PageCall, 'attach' | 'detach' | 'rest' | 'take'>;
  /** How it ended; never rejects. */
  readonly ended: Promise<Ended>;
  /** Hand over and say bye. */
  leave(): void;
}

/** What became of joining: the id may be somebody else's, and then another is tried. */
export type JoinOutcome = JoinedCall | { readonly refused: Ended; readonly isTaken: boolean };

export interface PageOptions {
  readonly server: Pick<PageServerOptions, 'port' | 'title' | 'assets' | 'token'>;
  /** For the form; null: the id follows from the name. */
  readonly suggested: {
    readonly name: string;
    readonly id: string | null;
    readonly meeting: RoomLink;
    readonly uploadBps: number | null;
  };
  /** What pages send and receive, the best first. */
  readonly codecs: readonly LinkCodec[];
  /** Joins a room; `tell` takes what the tab is to hear of it. Never rejects. */
  readonly join: (choice: Choice, tell: (message: ServerMessage) => void) => Promise<JoinOutcome>;
  readonly clock: Clock;
}

type Stage =
  | { readonly state: 'lobby' }
  | { readonly state: 'joining' }
  | { readonly state: 'call'; readonly call: JoinedCall; readonly choice: Choice };

export class Page {
  readonly #options: PageOptions;
  #server: PageServer | null = null;
  #stage: Stage = { state: 'lobby' };
  #tab: PageSocket | null = null;
  #cancelAbsence: () => void = () => undefined;

  private constructor(options: PageOptions) {
    this.#options = options;
  }

  /** @throws {PageServerError} where no port can be had */
  static async open(options: PageOptions): Promise<Page> {
    const page = new Page(options);
    page.#server = await PageServer.open({ ...options.server, onSocket: (socket) => page.#welcome(socket) });
    return page;
  }

  /** For the browser. Whoever has it is the peer. */
  get url(): string {
    return this.#server?.url ?? '';
  }

  /** Leaves the room, where we are in one, and lets go of tabs and port. */
  async close(): Promise<void> {
    this.#cancelAbsence();
    if (this.#stage.state === 'call') {
      this.#stage.call.leave();
      await this.#stage.call.ended;
    }
    await this.#server?.close();
  }

  /** A socket has come: it is a tab once it has said hello and no other has the call, or had to give it up. */
  #welcome(socket: PageSocket): void {
    socket.onMessage((value) => {
      const message = readPageMessage(value);
      if (message.type === 'fault') socket.send(faultError(message));
      else if (message.type === 'hello') this.#greet(socket, message.takeOver);
      else if (socket !== this.#tab) socket.send(NO_TAB);
      else void this.#take(message);
    });
    socket.onClose(() => {
      if (socket === this.#tab) this.#lose();
    });
  }

  #greet(socket: PageSocket, takesOver: boolean): void {
    if (this.#tab !== null && this.#tab !== socket) {
      if (!takesOver) {
        socket.send({ type: 'occupied' } satisfies ServerMessage);
        return;
      }
      const before = this.#tab;
      this.#lose();
      before.send({ type: 'ended', code: 'taken-over', text: 'Another tab has taken over the call.' } satisfies Ended);
      before.close(CLOSED_FOR.takenOver, 'another tab has taken over');
    }
    this.#cancelAbsence();
    this.#tab = socket;
    this.#begin();
  }

  /** Tells a tab all that it needs to begin. */
  #begin(): void {
    const { suggested } = this.#options;
    const stage = this.#stage;
    const { name, id, meeting, uploadBps } =
      stage.state === 'call' ? stage.choice : { ...suggested, id: suggested.id ?? idOfName(suggested.name) };
    this.#tell({
      type: 'welcome',
      state: stage.state === 'call' ? 'call' : 'lobby',
      self: { id, name, room: meeting.room },
      ...{ uploadBps, codecs: mimeTypesOf(this.#options.codecs), slots: MAX_SLOTS, limits: LIMITS },
    });
    if (stage.state === 'call') stage.call.page.attach();
  }

  /** The tab has gone. */
  #lose(): void {
    this.#tab = null;
    if (this.#stage.state !== 'call') return;
    const { call } = this.#stage;
    call.page.detach();
    this.#cancelAbsence = this.#options.clock.after(TAB_GONE_MS, () => {
      call.page.rest();
      this.#cancelAbsence = this.#options.clock.after(NOBODY_MS - TAB_GONE_MS, () => call.leave());
    });
  }

  async #take(message: Exclude<PageMessage, { type: 'hello' }>): Promise<void> {
    const { state } = this.#stage;
    if (message.type === 'join') {
      if (state === 'lobby') await this.#join(message);
      else this.#tell({ type: 'error', code: 'page.joined', text: 'You are in a room already. Leave it first.' });
    } else if (this.#stage.state !== 'call') this.#tell(NO_CALL);
    else if (message.type === 'leave') this.#stage.call.leave();
    else {
      try {
        await this.#stage.call.page.take(message);
      } catch (error) {
        this.#tell(errorOf(error));
      }
    }
  }

  async #join(asked: Joining): Promise<void> {
    const choice = this.#choiceOf(asked);
    if (choice === undefined) {
      const text = 'This is no invitation. It is a line like: npm run call -- --room ROOM --nats URL.';
      this.#tell({ type: 'error', code: 'page.invite', text, field: 'invite' });
      return;
    }
    this.#stage = { state: 'joining' };
    const outcome = await this.#tryIds(choice, asked.id === undefined && this.#options.suggested.id === null);
    if ('refused' in outcome) {
      this.#stage = { state: 'lobby' };
      this.#tell(outcome.refused);
      return;
    }
    this.#enter(outcome.call, outcome.choice);
  }

  #enter(call: JoinedCall, choice: Choice): void {
    this.#stage = { state: 'call', call, choice };
    void call.ended.then((ended) => {
      this.#cancelAbsence();
      this.#stage = { state: 'lobby' };
      this.#tell(ended);
    });
    if (this.#tab === null) this.#lose();
    else this.#begin();
  }

  /** @param isFree the id follows from the name: another may be tried where somebody has it */
  async #tryIds(
    choice: Choice,
    isFree: boolean,
  ): Promise<{ readonly call: JoinedCall; readonly choice: Choice } | { readonly refused: Ended }> {
    for (let attempt = 0; ; attempt++) {
      const tried = attempt === 0 ? choice : { ...choice, id: idOfName(choice.name, attempt) };
      const outcome = await this.#options.join(tried, (message) => this.#tell(message));
      if (!('refused' in outcome)) return { call: outcome, choice: tried };
      if (!isFree || !outcome.isTaken || attempt + 1 >= MOST_ATTEMPTS) return { refused: outcome.refused };
    }
  }

  #choiceOf({ name, room, id, invite, upload }: Joining): Choice | undefined {
    const { suggested } = this.#options;
    const meeting = invite === undefined ? { ...suggested.meeting, room } : parseInvite(invite);
    if (meeting === undefined) return undefined;
    return {
      ...{ name, meeting, uploadBps: upload ?? suggested.uploadBps },
      id: id ?? suggested.id ?? idOfName(name),
    };
  }

  #tell(message: ServerMessage): void {
    this.#tab?.send(message);
  }
}

function faultError({ field, text }: PageFault): ServerMessage {
  return { type: 'error', code: 'page.message', field, text };
}

const NO_TAB: ServerMessage = { type: 'error', code: 'page.hello', text: 'Say hello first.' };
const NO_CALL: ServerMessage = { type: 'error', code: 'page.lobby', text: 'You are in no room. Join one first.' };
