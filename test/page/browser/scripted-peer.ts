/**
 * A peer as the page sees it, that says what a test wants: the real web server with the real page, behind it a script. Its
 * gateway is another page of the same browser (see media-end.ts).
 */
import type { PageMessage } from '../../../actors/page/app/link/messages.ts';
import { buildPage } from '../../../infra/setup/page-bundle.mjs';
import { PageServer } from '../../../infra/web/page-server.ts';
import type { PageSocket } from '../../../infra/web/page-socket.ts';

export type Said<T extends PageMessage['type'] = PageMessage['type']> = Extract<PageMessage, { type: T }>;

/** A page that says nothing for so long will not. */
const PATIENCE_MS = 15_000;

export interface ScriptedStream {
  stream: string;
  group?: string;
  media: 'audio' | 'video';
  codec?: string;
  playable?: boolean;
  silent?: boolean;
  bps?: number;
  loss?: number;
  via?: string[];
  frozenMs?: number;
}

export interface ScriptedMember {
  id: string;
  name: string;
  pair: string;
  relays?: string[];
  reason?: string;
  sealed?: boolean;
  heardBy?: string[];
  forgedBy?: string[];
  streams: ScriptedStream[];
}

const SELF = {
  id: 'me',
  name: 'Ada',
  room: 'garden',
  uploadBps: 6e6,
  usedBps: 3.1e6,
  lentBps: 1.2e6,
  line: { bps: 4.9e6, limit: 'line', overratedBps: null },
  downlinkBps: null as number | null,
  bus: 'connected',
};

export interface ScriptedPeerOptions {
  readonly members?: readonly ScriptedMember[];
  readonly state?: 'lobby' | 'call';
  /** @returns the answer to an offer */
  readonly answer?: (sdp: string) => Promise<string>;
  readonly port?: number;
  /** Another tab has the call: whoever does not take over is told so. */
  readonly occupied?: boolean;
  /** Said to a join instead of a state. */
  readonly refuses?: unknown;
}

export class ScriptedPeer implements AsyncDisposable {
  readonly heard: Said[] = [];
  members: readonly ScriptedMember[];
  self: Record<string, unknown> = SELF;
  state: 'lobby' | 'call';
  /** Takes nobody's call: whoever connects is let go at once. */
  isDeaf = false;
  /** How many sockets have been opened to it. */
  visits = 0;
  readonly #occupied: boolean;
  readonly #answer: (sdp: string) => Promise<string>;
  readonly #refuses: unknown;
  readonly #sockets = new Set<PageSocket>();
  readonly #waiting = new Set<() => void>();
  #server: PageServer | undefined;

  constructor({ members = [], state = 'lobby', answer, refuses, occupied = false }: ScriptedPeerOptions) {
    this.members = members;
    this.state = state;
    this.#refuses = refuses;
    this.#occupied = occupied;
    this.#answer = answer ?? (() => new Promise(() => undefined));
  }

  static async open(options: ScriptedPeerOptions = {}): Promise<ScriptedPeer> {
    const peer = new ScriptedPeer(options);
    const { files } = await buildPage();
    peer.#server = await PageServer.open({
      port: options.port ?? 0,
      title: 'RPR',
      assets: files,
      onSocket: (socket) => peer.#connected(socket),
    });
    return peer;
  }

  get url(): string {
    return this.#server?.url ?? '';
  }

  send(message: unknown): void {
    for (const socket of this.#sockets) socket.send(message);
  }

  /** Tells the page the state of the room as it is now. */
  tell(): void {
    this.send(this.#stateMessage());
  }

  /** The page loses its peer, which is there again at once. */
  drop(): void {
    for (const socket of this.#sockets) socket.close(1001, 'restart');
  }

  /** The newest message of that type that `fits`, as soon as the page has said one. */
  async said<T extends PageMessage['type']>(
    type: T,
    fits: (message: Said<T>) => boolean = () => true,
  ): Promise<Said<T>> {
    for (;;) {
      const found = this.heard.findLast((each): each is Said<T> => each.type === type && fits(each as Said<T>));
      if (found !== undefined) return found;
      await this.#nextWord(type);
    }
  }

  async #nextWord(type: string): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const heard = () => this.heard.map((each) => JSON.stringify(each).slice(0, 200)).join('\n');
      timer = setTimeout(() => reject(new Error(`the page says no such ${type}; it said\n${heard()}`)), PATIENCE_MS);
    });
    try {
      await Promise.race([new Promise<void>((resolve) => this.#waiting.add(resolve)), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** What was said before no longer counts. */
  forget(): void {
    this.heard.length = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.close();
  }

  #connected(socket: PageSocket): void {
    this.visits += 1;
    if (this.isDeaf) {
      socket.close(1001, 'gone');
      return;
    }
    this.#sockets.add(socket);
    socket.onClose(() => this.#sockets.delete(socket));
    socket.onMessage((message) => this.#hear(socket, message as Said));
  }

  #hear(socket: PageSocket, message: Said): void {
    this.heard.push(message);
    if (message.type === 'hello') this.#greet(socket, message.takeOver);
    if (message.type === 'join' && this.#refuses !== undefined) socket.send(this.#refuses);
    else if (message.type === 'join') {
      this.state = 'call';
      this.self = { ...this.self, name: message.name, room: message.room };
      socket.send(this.#stateMessage());
    }
    if (message.type === 'leave') {
      this.state = 'lobby';
      socket.send({ type: 'ended', code: 'left', text: '' });
    }
    if (message.type === 'chat') {
      const { id, name } = this.self;
      socket.send({ type: 'chat', from: id, name, text: message.text, at: 1_700_000_000_000, mine: true });
    }
    if (message.type === 'offer') void this.#reply(socket, message.sdp);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  async #reply(socket: PageSocket, offer: string): Promise<void> {
    try {
      socket.send({ type: 'answer', sdp: await this.#answer(offer) });
    } catch {
      // The other end was closed at the end of a test.
    }
  }

  #greet(socket: PageSocket, takeOver: boolean): void {
    if (this.#occupied && !takeOver) {
      socket.send({ type: 'occupied' });
      return;
    }
    const self = { id: '', name: '', room: 'garden' };
    const codecs = ['video/VP8', 'video/H264', 'audio/opus'];
    socket.send({ type: 'welcome', state: this.state, self, codecs, slots: 25, limits: {} });
    if (this.state === 'call') socket.send(this.#stateMessage());
  }

  #stateMessage() {
    const own = [
      {
        stream: 'camera-large',
        rateBps: 900_000,
        sentBps: 870_000,
        receivers: this.members.length,
        muted: false,
        relays: [],
      },
    ];
    const members = this.members.map((member) => ({ relays: [], reason: '', sealed: true, ...member }));
    return {
      type: 'state',
      at: 0,
      self: this.self,
      own,
      members,
      invite: 'rpr call --join garden --invite eyJyb29tIjoiZ2FyZGVuIn0',
    };
  }
}

/** A person with camera and voice. */
export function person(
  id: string,
  name: string,
  more: Partial<ScriptedMember> & { via?: string[]; loss?: number; bps?: number } = {},
): ScriptedMember {
  const { via = [], loss = 0, bps = 640_000, ...rest } = more;
  return {
    id,
    name,
    pair: via.length > 0 ? 'via' : 'direct',
    streams: [
      { stream: 'camera-small', group: 'camera', media: 'video', bps: 0, via },
      { stream: 'camera-large', group: 'camera', media: 'video', bps, loss, via },
      { stream: 'voice', media: 'audio', bps: 32_000, via },
    ],
    ...rest,
  };
}
