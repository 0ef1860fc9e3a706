/**
 * Keeps a connection to the gateway, and asks the peer for what is on the screen: which member's stream on which slot, at
 * which rate it is worth while. What is out of sight is not received.
 */
import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import type { OwnName, PageMessage, ShownSlot } from './link/messages.ts';
import { Connection } from './media/connection.ts';
import type { OwnMedia } from './media/own-media.ts';
import type { Playout } from './media/playout.ts';
import { assignSlots, type SlotMids, sameShown, shownSlots } from './state/slots.ts';
import { keptWhile, type Store, sameJson } from './store.ts';

/** Several changes in a row, as when a window is dragged, are told as one. */
const TELL_AFTER_MS = 60;
/** Tiles that were just drawn are measured with the browser's next frame. A window that draws none is told without pictures, later. */
const MEASURED_AFTER_MS = 1_000;
/** Slots are made so many at a time, and one more than there is use for: whoever comes next is seen without an offer. */
const SLOTS_AT_ONCE = 3;
/** A connection that broke is made anew after this: the gateway may just be starting. */
const RECONNECT_MS = 500;
/** What was refused once is likely to be again. */
const REFUSED_MS = 3_000;
/** A hidden tab shows nothing: voices alone are received. */
const NOTHING: ReadonlyMap<string, number> = new Map();
/** Of the tile in the floating window, pixels. */
const FLOATING_HEIGHT = 300;
const OWN: readonly OwnName[] = ['camera', 'voice', 'screen', 'screen-sound'];
/** These stay in the room once they were there, muted while they are off: to be on again at once. */
const STAYING: ReadonlySet<OwnName> = new Set(['camera', 'voice']);

export class Reception {
  /** Heights of the tiles that are in sight, by id, in pixels of the screen. */
  readonly heights = signal<ReadonlyMap<string, number>>(new Map());
  /** Id of the tile on each slot. */
  readonly assigned: ReadonlySignal<readonly (string | null)[]>;
  /** Peer whose voice is on each slot. */
  readonly voices: ReadonlySignal<readonly (string | null)[]>;
  readonly #store: Store;
  readonly #playout: Playout;
  readonly #own: OwnMedia;
  readonly #send: (message: PageMessage) => boolean;
  readonly #mids = signal<readonly SlotMids[]>([]);
  readonly #everSent = new Set<OwnName>();
  #connection: Connection | null = null;
  #told: readonly ShownSlot[] = [];
  #timer: number | undefined;

  /** @param floating id of the tile in a window of its own, which is seen while the tab is hidden */
  constructor(
    store: Store,
    playout: Playout,
    own: OwnMedia,
    floating: ReadonlySignal<string | null>,
    send: (message: PageMessage) => boolean,
  ) {
    this.#store = store;
    this.#playout = playout;
    this.#own = own;
    this.#send = send;
    let before: readonly (string | null)[] = [];
    this.assigned = keptWhile(sameJson, () => {
      // The screen first, then whoever was there first, as far as there are slots.
      const { large } = store.stage.value;
      const tiles = [...store.tiles.value.values()].sort((a, b) => Number(b.id === large) - Number(a.id === large));
      before = assignSlots(before, tiles, store.state.value.slots);
      return before;
    });
    this.voices = keptWhile(sameJson, () =>
      this.assigned.value.map((id) => {
        const tile = id === null ? undefined : store.tiles.value.get(id);
        return tile === undefined || tile.sound === null || tile.kind === 'screen' ? null : tile.peer;
      }),
    );
    const hidden = hiddenSignal();
    const shown = computed(() =>
      shownSlots(this.assigned.value, this.#mids.value, store.tiles.value, {
        heights: inSight(hidden.value ? NOTHING : this.heights.value, floating.value),
        paused: store.state.value.paused,
        voicesOnly: store.state.value.saver,
      }),
    );
    effect(() => this.#tellSoon(shown.value));
    effect(() => {
      const tiles = store.tiles.value;
      playout.play(this.assigned.value.map((id) => id !== null && (tiles.get(id)?.sound ?? null) !== null));
    });
    effect(() => {
      if (this.assigned.value.length > 0) void untracked(() => this.#grow());
    });
    own.onChange((name, track) => void this.#fill(name, track));
  }

  get isIdle(): boolean {
    return this.#connection === null;
  }

  /** Loudness by slot, 0 to 1. */
  async levels(): Promise<readonly number[]> {
    return (await this.#connection?.levels()) ?? [];
  }

  /** The slot on which a tile is received; -1: none. */
  slotOf(tile: string): number {
    return this.assigned.value.indexOf(tile);
  }

  /** @param awaited of one's own, those that the room has still, though the page that sent them was loaded anew */
  async connect(awaited: readonly OwnName[] = []): Promise<void> {
    this.#connection?.close();
    const { codecs, room } = this.#store.state.peek();
    const planned = new Map(room?.own.map(({ stream, rateBps }) => [stream, rateBps]));
    const connection = new Connection(
      { codecs, planned },
      {
        onOffer: (sdp, tracks) => {
          this.#send({ type: 'offer', sdp, tracks });
          this.#mids.value = connection.mids;
        },
        onTracks: (tracks) => this.#send({ type: 'send', tracks }),
        onLost: () => this.#connectAgain(connection, RECONNECT_MS),
      },
    );
    this.#connection = connection;
    this.#everSent.clear();
    for (const name of awaited) {
      this.#everSent.add(name);
      connection.expect(name);
    }
    this.#told = [];
    connection.reserve(this.#wantedSlots());
    this.#playout.connect(connection.slots);
    const filled = OWN.flatMap((name) => {
      const track = this.#own.get(name);
      return track === null ? [] : [this.#fill(name, track)];
    });
    // A page that was loaded anew has none yet, and offers at once: the browser prepares its media while the page draws.
    if (filled.length > 0) await Promise.all(filled);
    if (!connection.isClosed) await connection.offer();
  }

  /** More people than there are slots for: some more are made. */
  async #grow(): Promise<void> {
    const connection = this.#connection;
    if (connection === null || !connection.reserve(this.#wantedSlots())) return;
    this.#playout.connect(connection.slots);
    await connection.offer();
  }

  #wantedSlots(): number {
    const { slots } = this.#store.state.peek();
    const used = this.assigned.peek().findLastIndex((id) => id !== null) + 1;
    return Math.min(slots, SLOTS_AT_ONCE * Math.ceil((used + 1) / SLOTS_AT_ONCE));
  }

  async answer(sdp: string): Promise<void> {
    try {
      await this.#connection?.answer(sdp);
    } catch {
      this.refused();
    }
  }

  /** Either side cannot take what the other described: this connection never will be one. */
  refused(): void {
    this.#connectAgain(this.#connection, REFUSED_MS);
  }

  #connectAgain(instead: Connection | null, delayMs: number): void {
    setTimeout(() => {
      if (instead !== null && this.#connection === instead) void this.connect();
    }, delayMs);
  }

  setRate(mid: string, rid: string | null, maxBps: number): void {
    this.#connection?.setRate(mid, rid, maxBps);
  }

  /** The peer knows nothing of a connection any more. Tiles keep their last frames. */
  forget(): void {
    this.#connection?.close();
    this.#connection = null;
    this.#mids.value = [];
    this.#told = [];
  }

  async #fill(name: OwnName, track: MediaStreamTrack | null): Promise<void> {
    if (track !== null && this.#connection !== null) this.#everSent.add(name);
    const present = track !== null || (STAYING.has(name) && this.#everSent.has(name));
    await this.#connection?.setTrack(name, track, present);
  }

  #tellSoon(shown: readonly ShownSlot[]): void {
    clearTimeout(this.#timer);
    const isMeasured = document.hidden || this.heights.peek().size > 0;
    // The first word of a connection is not held back: it is what joining waits for. But it never says that there are no pictures to
    // be seen where none has been looked for: who is asked for them would stop sending, only to begin anew.
    if (this.#told.length === 0 && isMeasured) this.#tell(shown);
    else this.#timer = setTimeout(() => this.#tell(shown), isMeasured ? TELL_AFTER_MS : MEASURED_AFTER_MS);
  }

  #tell(shown: readonly ShownSlot[]): void {
    if (this.#connection === null || sameShown(shown, this.#told)) return;
    if (this.#send({ type: 'show', slots: [...shown] })) this.#told = shown;
  }
}

/** A tile in the floating window is seen there, whatever becomes of the page. */
function inSight(heights: ReadonlyMap<string, number>, floating: string | null): ReadonlyMap<string, number> {
  return floating === null ? heights : new Map([...heights, [floating, heights.get(floating) ?? FLOATING_HEIGHT]]);
}

function hiddenSignal(): ReadonlySignal<boolean> {
  const hidden = signal(document.hidden);
  document.addEventListener('visibilitychange', () => {
    hidden.value = document.hidden;
  });
  return hidden;
}
