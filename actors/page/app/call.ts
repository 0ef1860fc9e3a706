/** The call as the page has it: what the person does, what the peer says and what the devices give, brought together. */
import { effect, signal, untracked } from '@preact/signals';
import type { Join, OwnName, PageMessage, ServerMessage } from './link/messages.ts';
import { readServerMessage } from './link/read.ts';
import { Socket } from './link/socket.ts';
import { Capture } from './media/capture.ts';
import { Levels } from './media/levels.ts';
import { OwnMedia } from './media/own-media.ts';
import { Playout } from './media/playout.ts';
import { Preferences } from './media/preferences.ts';
import { shareScreen } from './media/screen.ts';
import { Reception } from './reception.ts';
import { Sight } from './sight.ts';
import type { DeviceKind, DeviceState } from './state/devices.ts';
import { isInside } from './state/reduce.ts';
import type { Store } from './store.ts';
import { WatchedRoom } from './watched-room.ts';

/** Of devices, which a page that is loaded anew has to ask for again. */
const STREAMS = ['voice', 'camera'] as const;
type DeviceStream = (typeof STREAMS)[number];

export class Call {
  readonly store: Store;
  readonly preferences: Preferences;
  readonly capture: Capture;
  readonly playout = new Playout();
  readonly own = new OwnMedia();
  readonly levels: Levels;
  readonly reception: Reception;
  readonly sight: Sight;
  readonly watched: WatchedRoom;
  /** Id of the tile in the picture-in-picture window; null: there is no such window. */
  readonly floating = signal<string | null>(null);
  readonly #socket: Socket<PageMessage, ServerMessage>;
  /** What holds for this tab alone. */
  readonly #tab = new Preferences(() => sessionStorage);
  #screenSound: MediaStreamTrack | null = null;
  /** This tab had the call: it may take it back without a question. */
  #hadCall = false;
  #devicesStarted = false;
  /** The peer was in the call when this page came: it is loaded anew, and the others still have its streams. */
  #returns = false;
  /** They were in the room before the page was loaded anew, and will be again as soon as the browser has given their devices. */
  readonly #awaited = new Set<DeviceStream>();

  /** @param opened the socket that was opened ahead, with the same token */
  constructor(store: Store, preferences: Preferences, token: string, opened: WebSocket | null) {
    this.store = store;
    this.preferences = preferences;
    this.reception = new Reception(store, this.playout, this.own, this.floating, (message) =>
      this.#socket.send(message),
    );
    this.sight = new Sight(this.reception.heights);
    this.capture = new Capture(store.dispatch, preferences, (kind, track) => this.#deviceTrack(kind, track));
    this.levels = new Levels({
      peers: () => this.reception.voices.peek(),
      levels: () => this.reception.levels(),
      isHeard: () => store.heard.peek(),
      onSpeaker: (peer) => {
        if (store.state.peek().speaker !== peer) store.dispatch({ type: 'speaker', peer });
      },
    });
    this.#socket = new Socket(token, {
      onUp: () => {
        store.dispatch({ type: 'link.up' });
        this.#socket.send({ type: 'hello', takeOver: this.#hadCall });
      },
      onDown: () => store.dispatch({ type: 'link.down' }),
      onMessage: (message) => this.#receive(message),
      read: readServerMessage,
    });
    this.watched = new WatchedRoom(store, (message) => this.#socket.send(message));
    this.#keepMuted();
    this.#keepAwaited();
    this.#keepSpeaker();
    if (this.#tab.get('muted') !== '') store.dispatch({ type: 'mute', muted: true });
    this.#socket.start(opened);
    void this.capture.refresh();
  }

  join(join: Join): void {
    this.preferences.set('name', join.name);
    this.preferences.set('room', join.room);
    this.store.dispatch({ type: 'join', join });
    this.levels.resume();
    this.#socket.send({ type: 'join', ...join });
  }

  leave(): void {
    this.#socket.send({ type: 'leave' });
  }

  /** Another tab has the call: it is told to let go. */
  takeOver(): void {
    this.#hadCall = true;
    if (this.store.state.peek().phase === 'replaced') this.#socket.start();
    else this.#socket.send({ type: 'hello', takeOver: true });
  }

  toggleMuted(): void {
    const { devices, muted } = this.store.state.peek();
    const isOn = devices.microphone.is === 'on';
    if (!isOn) this.switchDevice('microphone', true);
    this.#setMuted(isOn && !muted);
  }

  toggleCamera(): void {
    const { camera } = this.store.state.peek().devices;
    this.switchDevice('camera', camera.is !== 'on' && camera.is !== 'asking');
  }

  /** A device that is off is not held: its light is out. */
  switchDevice(kind: DeviceKind, on: boolean): void {
    this.#tab.set(`${kind}.off`, on ? '' : 'yes');
    if (on) void this.capture.start([kind]);
    else this.capture.stop(kind);
  }

  async toggleScreen(): Promise<void> {
    if (this.store.state.peek().screen) {
      this.#stopScreen();
      return;
    }
    const shared = await shareScreen(() => this.#stopScreen());
    if (shared.is === 'refused') this.store.dispatch({ type: 'complain', code: 'screen.refused' });
    if (shared.is !== 'shared') return;
    this.#screenSound = shared.sound;
    this.own.set('screen', shared.picture);
    this.own.set('screen-sound', shared.sound);
    this.store.dispatch({ type: 'screen', on: true });
  }

  say(text: string): void {
    this.#socket.send({ type: 'chat', text });
  }

  setSaver(on: boolean): void {
    this.store.dispatch({ type: 'saver', on });
    this.#socket.send({ type: 'saver', on });
  }

  #setMuted(muted: boolean): void {
    this.#tab.set('muted', muted ? 'yes' : '');
    this.store.dispatch({ type: 'mute', muted });
  }

  /** Once, when the page is the one that has the peer: a tab that must ask first holds nothing. */
  #startDevices(): void {
    if (this.#devicesStarted) return;
    this.#devicesStarted = true;
    const wanted = (['microphone', 'camera'] as const).filter((kind) => this.#tab.get(`${kind}.off`) === '');
    if (wanted.length > 0) void this.capture.start(wanted);
  }

  #stopScreen(): void {
    this.own.get('screen')?.stop();
    this.#screenSound?.stop();
    this.#screenSound = null;
    this.own.set('screen', null);
    this.own.set('screen-sound', null);
    this.store.dispatch({ type: 'screen', on: false });
  }

  #deviceTrack(kind: DeviceKind, track: MediaStreamTrack | null): void {
    if (kind === 'camera') {
      this.own.set('camera', track);
      this.#tellMuted('camera', track === null);
      return;
    }
    this.levels.listen(track);
    this.own.setMicrophone(track, this.store.heard.peek());
  }

  #receive(message: ServerMessage): void {
    const before = this.store.state.peek();
    this.store.dispatch({ type: 'message', message });
    switch (message.type) {
      case 'welcome':
        this.#returns = message.state === 'call';
        this.reception.forget();
        this.#startDevices();
        if (message.state === 'lobby') this.#joinAgain(isInside(before));
        break;
      case 'state':
        if (!this.#hadCall || this.reception.isIdle) this.#enter();
        break;
      case 'answer':
        void this.reception.answer(message.sdp);
        break;
      case 'rate':
        this.reception.setRate(message.mid, message.rid, message.maxBps);
        break;
      case 'ended':
        this.#end(message.code === 'taken-over');
        break;
      case 'error':
        if (message.code.startsWith('offer.')) this.reception.refused();
        break;
      case 'picture':
        this.watched.take(message.told);
        break;
      case 'occupied':
      case 'chat':
        break;
    }
  }

  /** The peer was started anew while the call was open here. */
  #joinAgain(wasInside: boolean): void {
    const { join } = this.store.state.peek();
    if (wasInside && join !== null) this.#socket.send({ type: 'join', ...join });
  }

  #enter(): void {
    this.#hadCall = true;
    for (const stream of STREAMS) {
      if (this.#returns && this.#deviceOf(stream).is === 'asking') this.#awaited.add(stream);
      else this.#tellMuted(stream, this.#isSilent(stream));
    }
    void this.reception.connect([...this.#awaited]);
    if (this.store.state.peek().saver) this.#socket.send({ type: 'saver', on: true });
    this.watched.begin();
  }

  #end(takenOver: boolean): void {
    this.#hadCall = false;
    this.#stopScreen();
    this.reception.forget();
    this.playout.stop();
    if (!takenOver) return;
    this.#socket.stop();
    this.#devicesStarted = false;
    this.capture.stop('microphone');
    this.capture.stop('camera');
  }

  #deviceOf(stream: DeviceStream): DeviceState {
    const { microphone, camera } = this.store.state.value.devices;
    return stream === 'voice' ? microphone : camera;
  }

  #isSilent(stream: DeviceStream): boolean {
    return stream === 'voice' ? !this.store.heard.peek() : this.own.get('camera') === null;
  }

  #tellMuted(stream: OwnName, muted: boolean): void {
    if (isInside(this.store.state.peek())) this.#socket.send({ type: 'mute', stream, muted });
  }

  #keepMuted(): void {
    effect(() => {
      const heard = this.store.heard.value;
      untracked(() => {
        this.own.setHeard(heard);
        this.#tellMuted('voice', !heard);
      });
    });
  }

  /** An awaited stream whose device does not come after all is told to be muted. */
  #keepAwaited(): void {
    effect(() => {
      for (const stream of STREAMS) {
        const { is } = this.#deviceOf(stream);
        if (is === 'asking' || !this.#awaited.delete(stream) || is === 'on') continue;
        untracked(() => this.#tellMuted(stream, true));
      }
    });
  }

  #keepSpeaker(): void {
    effect(() => void this.playout.setSpeaker(this.store.state.value.devices.speaker));
    const kept = this.preferences.get('speaker');
    if (kept !== '') this.store.dispatch({ type: 'devices.speaker', id: kept });
  }
}
