/** The tabs that show a room: each is told all when it comes, and then what is new, at a pace that a page can draw. */
import type { PageSocket } from '../../infra/web/page-socket.ts';
import type { PeerId } from '../../machines/messages.ts';
import type { MachineState, MessageLine, RoomEvent, RoomPicture } from '../room-picture/contract.ts';
import type { MachineStates } from '../room-picture/machine-states.ts';
import { type News, RoomRecord } from '../room-picture/record.ts';
import type { FromPage, ToPage } from './page-messages.ts';
import { readRequest } from './page-requests.ts';

/** How much of the past a page is shown; what is older is in a recording, if somebody makes one. */
const MAX_EVENTS = 2000;
export const MAX_LINES = 400;
/** Unless told otherwise a page is told no more often, in ms; of a picture with many arrows less often still. */
const PACE_MS = 100;
const ARROWS_PER_MS = 10;
/** Not of a request of a page. */
const CLOSED_FOR_NONSENSE = 4000;

export interface RoomPagesOptions {
  readonly room: string;
  /** Null: it is live. */
  readonly recorded: { readonly fromMs: number; readonly toMs: number } | null;
  /** A page is told no more often, in ms. */
  readonly paceMs?: number;
  /** What pages ask of whoever holds the room; where they look they tell us. */
  readonly onRequest: (request: Exclude<FromPage, { type: 'look' }>) => void;
}

interface Tab {
  readonly socket: PageSocket;
  peer: PeerId | null;
  /** What it was told of that peer's machines. */
  told: MachineStates;
}

const NONE: MachineStates = new Map();

export class RoomPages {
  readonly #options: RoomPagesOptions;
  readonly #tabs = new Set<Tab>();
  #record = new RoomRecord();
  #picture: { readonly atMs: number; readonly picture: RoomPicture } = { atMs: 0, picture: new RoomRecord().picture() };
  #events: RoomEvent[] = [];
  #lines: MessageLine[] = [];
  #fresh: { events: RoomEvent[]; lines: MessageLine[]; linesAnew: boolean; changed: boolean } = nothingFresh();
  #playback: Extract<ToPage, { type: 'playback' }> | undefined;
  #nextMs = 0;

  constructor(options: RoomPagesOptions) {
    this.#options = options;
  }

  /** For the page server. */
  readonly welcome = (socket: PageSocket): void => {
    const tab: Tab = { socket, peer: null, told: NONE };
    const { room, recorded } = this.#options;
    this.#tabs.add(tab);
    socket.onClose(() => this.#tabs.delete(tab));
    socket.onMessage((message) => this.#obey(tab, readRequest(message)));
    const tell = (message: ToPage) => socket.send(message);
    tell({ type: 'room', room, recorded });
    tell({ type: 'picture', ...this.#picture, telling: this.#telling() });
    tell({ type: 'events', events: this.#events, anew: true });
    tell({ type: 'lines', lines: this.#lines, anew: true });
    if (this.#playback !== undefined) tell(this.#playback);
  };

  /** Something was heard in a live room. */
  take(record: RoomRecord, { events, line, changed, moved }: News): void {
    this.#record = record;
    this.addEvents(events);
    if (line !== undefined) {
      this.#fresh.lines.push(line);
      this.#lines = [...this.#lines, line].slice(-MAX_LINES);
    }
    this.#fresh.changed ||= changed || moved !== undefined;
  }

  addEvents(events: readonly RoomEvent[]): void {
    this.#fresh.events.push(...events);
    this.#events = [...this.#events, ...events].slice(-MAX_EVENTS);
  }

  /** The room as it is at another moment. */
  show(record: RoomRecord, lines: readonly MessageLine[]): void {
    this.#record = record;
    this.#fresh.changed = true;
    if (lines.length === this.#lines.length && lines.at(-1) === this.#lines.at(-1)) return;
    this.#lines = lines.slice(-MAX_LINES);
    this.#fresh.lines = this.#lines;
    this.#fresh.linesAnew = true;
  }

  /** Tells all tabs. */
  tell(message: ToPage): void {
    if (message.type === 'playback') this.#playback = message;
    for (const { socket } of this.#tabs) socket.send(message);
  }

  /**
   * Tells what is new, if it is time to.
   *
   * @param nowMs on any steady clock
   * @param atMs the moment that is shown, ms since the Unix epoch
   */
  flush(nowMs: number, atMs: number): void {
    const { events, lines, linesAnew, changed } = this.#fresh;
    if (nowMs < this.#nextMs || !(changed || linesAnew || events.length > 0 || lines.length > 0)) return;
    this.#fresh = nothingFresh();
    if (changed) {
      this.#picture = { atMs, picture: this.#record.picture() };
      this.tell({ type: 'picture', ...this.#picture, telling: this.#telling() });
      for (const tab of this.#tabs) this.#tellMachines(tab, false);
    }
    if (events.length > 0) this.tell({ type: 'events', events: events.slice(-MAX_EVENTS), anew: false });
    if (linesAnew || lines.length > 0) this.tell({ type: 'lines', lines: lines.slice(-MAX_LINES), anew: linesAnew });
    const { paceMs = PACE_MS } = this.#options;
    this.#nextMs = nowMs + paceMs + this.#picture.picture.arrows.length / ARROWS_PER_MS;
  }

  #obey(tab: Tab, request: FromPage | undefined): void {
    if (request === undefined) tab.socket.close(CLOSED_FOR_NONSENSE, 'not a request');
    else if (request.type === 'look') {
      tab.peer = request.peer;
      tab.told = NONE;
      this.#tellMachines(tab, true);
    } else this.#options.onRequest(request);
  }

  #tellMachines(tab: Tab, anew: boolean): void {
    const { peer, socket, told } = tab;
    if (peer === null) return;
    const now = this.#record.machines.get(peer) ?? NONE;
    const moved: MachineState[] = [...now.values()].filter((state) => told.get(state.machine) !== state);
    const ended = [...told.keys()].filter((machine) => !now.has(machine));
    tab.told = now;
    if (!anew && moved.length === 0 && ended.length === 0) return;
    const message: ToPage = { type: 'machines', peer, moved, ended, anew };
    socket.send(message);
  }

  #telling(): PeerId[] {
    return [...this.#record.machines].flatMap(([peer, machines]) => (machines.size > 0 ? [peer] : [])).sort();
  }
}

function nothingFresh() {
  return { events: [], lines: [], linesAnew: false, changed: false };
}
