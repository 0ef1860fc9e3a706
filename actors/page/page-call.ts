/** The call of a page: what its tabs send and show of it, and what they are told. It goes on while a tab is loaded anew. */
import type { LinkCodec } from '../../infra/webrtc/contract.ts';
import type { PeerId, StreamName } from '../../machines/messages.ts';
import { othersOf, type View } from '../../machines/view.ts';
import type { Call } from '../call/call.ts';
import type { OwnProfile } from '../call/own-profile.ts';
import type { Participant } from '../call/participant.ts';
import { Interval } from '../interval.ts';
import type { PeerOptions } from '../options/contract.ts';
import type { RoomLink } from '../options/room-link.ts';
import { inviteText } from './invite.ts';
import type { ChatLine, PageMessage, RoomState, ServerMessage, ShownSlot } from './messages.ts';
import { PageTracks } from './page-tracks.ts';
import { QuietStreams } from './quiet-streams.ts';
import { roomState } from './room-state.ts';
import { PageSink } from './slots/page-sink.ts';
import { type OpenLink, TabMedia } from './tab-media.ts';
import { TELL_MS, Telling } from './telling.ts';
import type { ToldPicture } from './told-picture.ts';
import { wantsOf } from './wants.ts';

/** How often the room is told what we want at most, in ms: a page that is scrolled changes its mind with each frame. */
const WANTS_MS = 150;

/** What of a call a page needs. */
export type ShownCall = Pick<Call, 'addStream' | 'removeStream' | 'addSink' | 'onView' | 'onChat' | 'status'> & {
  readonly participant: Pick<Participant, 'chat' | 'negotiation' | 'requestKeyFrame' | 'say' | 'view'> & {
    readonly own: Pick<OwnProfile, 'setWants'>;
  };
};

export interface PageCallOptions {
  readonly call: ShownCall;
  readonly options: Pick<PeerOptions, 'id' | 'room'>;
  readonly meeting: RoomLink;
  /** Whether the room sends what the page shows, and no more; else another sink needs the rest, too. */
  readonly wantsWhatIsShown: boolean;
  readonly openLink: OpenLink;
  /** Of pages, the best first. */
  readonly codecs: readonly LinkCodec[];
  /** The room as the page's panel shows it. */
  readonly picture: Pick<ToldPicture, 'watch' | 'take'>;
  /** What the tab is to hear, if there is one. */
  readonly tell: (message: ServerMessage) => void;
  /** Milliseconds on a monotonic clock, and since the Unix epoch. */
  readonly now: () => number;
  readonly unixNow: () => number;
}

export class PageCall {
  readonly #options: PageCallOptions;
  readonly #tracks: PageTracks;
  readonly #sink: PageSink;
  readonly #turns = new Interval(TELL_MS, () => this.#tellState());
  readonly #telling = new Telling();
  readonly #wanting = new Interval(WANTS_MS, () => this.#want());
  readonly #stops: readonly (() => void)[];
  #media: TabMedia | null = null;
  #slots: readonly ShownSlot[] = [];
  #saves = false;
  #wanted = '[]';
  readonly #quiet = new QuietStreams();
  #toldState = '';
  #toldRates = new Map<string, number>();

  constructor(options: PageCallOptions) {
    this.#options = options;
    const { call, now, tell } = options;
    this.#tracks = new PageTracks({
      ...{ call, now, onRates: () => this.#tellRates() },
      onError: (error) => tell(errorOf(error)),
    });
    this.#sink = new PageSink({
      now,
      requestKeyFrame: ({ peer, stream }) => call.participant.requestKeyFrame(peer, stream),
    });
    this.#stops = [
      call.addSink(this.#sink),
      call.onView(() => this.#tellSoon()),
      call.onChat((message) => tell({ type: 'chat', ...this.#lineOf(message) })),
    ];
  }

  /** A tab has the call from now on: it hears all that it needs to begin. */
  attach(): void {
    const { openLink, codecs, now, call, tell } = this.#options;
    this.#media = new TabMedia({ openLink, codecs, now, tracks: this.#tracks, sink: this.#sink });
    this.#sink.expect();
    this.#toldState = '';
    this.#toldRates = new Map();
    this.#tellState();
    this.#media.prepare();
    for (const message of call.participant.chat) tell({ type: 'chat', ...this.#lineOf(message) });
    this.#turns.run(true);
  }

  /** The tab has gone; another may come, and finds all as it was. */
  detach(): void {
    this.#turns.stop();
    const media = this.#media;
    this.#media = null;
    this.#sink.expectNone();
    void media?.close();
    void this.#options.picture.watch(false);
  }

  /** No tab has come back: nothing is sent and nothing received until one does. */
  rest(): void {
    this.#tracks.end();
    this.#slots = [];
    this.#show();
  }

  /** Does what the page says. */
  async take(message: Exclude<PageMessage, { type: 'hello' | 'join' | 'leave' }>): Promise<void> {
    switch (message.type) {
      case 'offer':
        return this.#answer(message);
      case 'send':
        await this.#media?.send(message.tracks);
        return this.#tellRates();
      case 'show':
        this.#slots = message.slots;
        return this.#show();
      case 'saver':
        this.#saves = message.on;
        return this.#show();
      case 'mute':
        this.#tracks.mute(message.stream, message.muted);
        return this.#tellSoon();
      case 'chat':
        this.#options.call.participant.say(message.text, message.to);
        return;
      case 'watch':
        return this.#options.picture.watch(message.on);
      case 'look':
      case 'context':
        this.#options.picture.take(message);
    }
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    this.#turns.stop();
    this.#wanting.stop();
    await this.#media?.close();
    await this.#options.picture.watch(false);
  }

  async #answer({ sdp, tracks }: Extract<PageMessage, { type: 'offer' }>): Promise<void> {
    const media = this.#media;
    const answer = await media?.answer(sdp, tracks);
    if (answer === undefined || media !== this.#media) return;
    this.#options.tell({ type: 'answer', sdp: answer });
    this.#toldRates = new Map();
    this.#tellRates();
  }

  /** What the slots show, and so what is wanted; with the saver on, sounds alone. */
  #show(): void {
    const shown = this.#saves ? this.#slots.filter(({ mid }) => this.#media?.isSound(mid) ?? false) : this.#slots;
    this.#sink.show(shown);
    // The first change at once, those that follow it soon together.
    if (!this.#wanting.isRunning) this.#want();
    this.#wanting.run(this.#options.wantsWhatIsShown);
  }

  #want(): void {
    const { call, wantsWhatIsShown } = this.#options;
    if (!wantsWhatIsShown) return;
    const wants = wantsOf(this.#sink.shown, (peer, stream) => this.#hasLayers(peer, stream));
    const wanted = JSON.stringify(wants);
    if (wanted === this.#wanted) this.#wanting.stop();
    else call.participant.own.setWants({ wants });
    this.#wanted = wanted;
  }

  #hasLayers(peer: PeerId, stream: StreamName): boolean {
    const { view } = this.#options.call.participant;
    return (
      view !== undefined &&
      othersOf(view).some(({ id, streams }) => id === peer && streams.some(({ group }) => group === stream))
    );
  }

  #tellRates(): void {
    for (const { mid, rid, maxBps } of this.#media?.rates() ?? []) {
      const key = `${mid} ${rid}`;
      if (this.#toldRates.get(key) === maxBps) continue;
      this.#toldRates.set(key, maxBps);
      this.#options.tell({ type: 'rate', mid, rid, maxBps });
    }
  }

  /** Something has changed: it is told now or with the next turn. */
  #tellSoon(): void {
    const { call, now } = this.#options;
    const { view } = call.participant;
    if (this.#media !== null && view !== undefined && this.#telling.isDue(view, now())) this.#tellState();
  }

  #tellState(): void {
    const { call, now, tell } = this.#options;
    const { view } = call.participant;
    if (view === undefined) return;
    this.#telling.told(view, now());
    const state = this.#state(view);
    const text = JSON.stringify({ ...state, at: 0 });
    if (text === this.#toldState) return;
    this.#toldState = text;
    tell(state);
  }

  #state(view: View): RoomState {
    const { call, meeting, now, unixNow } = this.#options;
    const { negotiation } = call.participant;
    return roomState({
      ...{ view, status: call.status(), paths: negotiation?.inForce ?? new Map(), tracks: this.#tracks },
      ...{ slots: this.#sink.shown, formats: this.#media?.formats ?? [], invite: inviteText(meeting) },
      ...{ quiet: this.#quiet, nowMs: now(), unixMs: unixNow() },
    });
  }

  #lineOf({ from, to, text, atMs }: { from: string; to: string; text: string; atMs: number }): ChatLine {
    const { call, options } = this.#options;
    const status = call.status();
    const mine = from === options.id;
    const name = mine ? status.name : (status.members.find(({ id }) => id === from)?.name ?? '');
    return { from, name, text, at: atMs, mine, ...(to === 'all' ? {} : { to }) };
  }
}

/** What a page is told of a thing that went wrong; an error without a code is a defect of ours. */
export function errorOf(error: unknown): Extract<ServerMessage, { type: 'error' }> {
  if (error instanceof Error && 'code' in error)
    return { type: 'error', code: String(error.code), text: error.message };
  throw error;
}
