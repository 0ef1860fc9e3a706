/** One call of a phone: it enters the room that was dialled, and leaves it when either end hangs up. */
import type { CallListener } from '../../infra/sip/agent/contract.ts';
import { parseProduct } from '../../infra/sip/fields.ts';
import { MediaSession } from '../../infra/sip/sdp/session.ts';
import { Call } from '../call/call.ts';
import { Interval } from '../interval.ts';
import type { Journal } from '../journal/journal.ts';
import type { PeerOptions } from '../options/contract.ts';
import type { DialledRoom } from './dialled-room.ts';
import { firstMet } from './meeting.ts';
import type { Caller } from './phone-line.ts';
import { PhoneMedia } from './phone-media.ts';
import { Presence } from './presence.ts';

const LOOK_MS = 500;
/** How long the first members may take to introduce themselves before the phone is answered, in ms. */
const MEETING_MS = 700;

/** The SIP side of it. */
export interface Line {
  readonly caller: () => Caller;
  hangUp(reason: string): void;
  requestKeyFrame(): void;
  probe(onAnswer: (isThere: boolean) => void): void;
}

export interface PhoneCallOptions {
  readonly peer: PeerOptions;
  readonly dialled: DialledRoom;
  /** Where to take media, and what the phone is told: literals. */
  readonly host: string;
  readonly told: string;
  readonly journal: Journal;
  readonly say: (text: string) => void;
  readonly now: () => number;
}

export class PhoneCall {
  readonly #options: PhoneCallOptions;
  readonly #media: PhoneMedia;
  readonly #sessionId: number;
  #session: MediaSession;
  #line: Line | null = null;
  #call: Call | null = null;
  #isOver = false;
  /** The room is being opened: whoever does that closes it. */
  #isEntering = false;
  #presence: Presence | null = null;
  readonly #watch = new Interval(LOOK_MS, () => this.#look());
  /** Resolves once the room is left and all is closed. */
  readonly closed: Promise<void>;
  #tellClosed: () => void = () => undefined;

  private constructor(options: PhoneCallOptions, media: PhoneMedia) {
    this.#options = options;
    this.#media = media;
    this.#sessionId = Math.floor(performance.timeOrigin + options.now());
    this.#session = new MediaSession(this.#sessionId, options.told, media.own);
    this.closed = new Promise((resolve) => {
      this.#tellClosed = resolve;
    });
  }

  static async open(options: PhoneCallOptions): Promise<PhoneCall> {
    const { journal, now, dialled } = options;
    const opened: { call?: PhoneCall } = {};
    const media = await PhoneMedia.open(options.host, {
      ...{ pinned: dialled.pinned, now },
      note: (news) => journal.note(news),
      askByCall: () => opened.call?.askForKeyFrame(),
    });
    opened.call = new PhoneCall(options, media);
    return opened.call;
  }

  /** What the SIP side is told to ask. */
  get listener(): CallListener {
    return {
      onOffer: (offer) => this.#follow(this.#session.answer(offer)),
      onAnswer: (answer) => this.#session.take(answer) && this.#follow('') !== null,
      makeOffer: () => this.#session.offer(),
      onKeyFrameWanted: () => this.#media.pictureLost(),
      onConnected: () => this.#options.journal.note({ type: 'phone.connected', formats: this.#media.formats }),
      onEnded: (reason) => void this.end(reason),
    };
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Enters the room as this program, which is what its members are told.
   *
   * @throws what {@link Call.open} throws
   */
  async enter(product: string): Promise<void> {
    const { peer, dialled, journal, say } = this.#options;
    const { name, version } = parseProduct(product) ?? { name: 'phone', version: '' };
    const program = { software: name, version: version === '' ? 'unknown' : version };
    this.#isEntering = true;
    try {
      this.#call = await Call.open({ ...peer, room: dialled.room, program, wants: [] }, journal, say);
    } finally {
      this.#isEntering = false;
    }
    const call = this.#call;
    if (this.#isOver) return this.#close();
    void call.ended.then(
      () => this.#line?.hangUp('the room is left'),
      () => this.#line?.hangUp('the room is lost'),
    );
    await Promise.race([call.participant.joined, call.ended]);
    this.#media.join(call);
    await firstMet(call, MEETING_MS);
    if (this.#session.agreed.length > 0) return;
    this.#session = new MediaSession(this.#sessionId, this.#options.told, this.#media.preferred());
  }

  /** The phone is connected over this. */
  follow(line: Line): void {
    this.#line = line;
    this.#presence = new Presence(this.#options.now());
    if (this.#session.agreed.length > 0) this.#follow('');
    this.#watch.run(true);
  }

  /** What the phone offers is answered; null: it has nothing for us. Without an offer: ours. */
  describe(offer: string | null): string | null {
    return offer === null ? this.#session.offer() : this.#follow(this.#session.answer(offer));
  }

  async end(reason: string): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.journal.note({ type: 'phone.ended', reason });
    this.#watch.stop();
    this.#media.close();
    if (this.#call !== null || !this.#isEntering) await this.#close();
  }

  async #close(): Promise<void> {
    const call = this.#call;
    call?.leave();
    await call?.ended.catch(() => 'left');
    await call?.close();
    this.#tellClosed();
  }

  private askForKeyFrame(): void {
    this.#line?.requestKeyFrame();
  }

  #follow(answer: string | null): string | null {
    if (answer !== null && this.#line !== null) this.#media.follow(this.#session.agreed, this.#line.caller());
    return answer;
  }

  /** Notices a phone that has gone without a word. */
  #look(): void {
    const presence = this.#presence;
    const what = presence?.look(this.#options.now(), this.#media.heardMs);
    if (what === 'gone') this.#line?.hangUp('the phone has gone silent');
    if (what !== 'ask') return;
    this.#line?.probe((isThere) => {
      if (isThere) presence?.answered(this.#options.now());
      else this.#line?.hangUp('the phone has gone');
    });
  }
}
