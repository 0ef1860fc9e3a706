/**
 * Microphone and camera: asks the browser for them, notices when one goes, falls silent or comes back, and tells the state of each. It
 * holds one track of each kind at most. For a microphone that goes another one stands in at once, since who speaks does not look at the
 * page; for a camera none does, since another one sees what nobody meant to show.
 */
import { type Device, type DeviceKind, type DeviceState, refusalOf } from '../state/devices.ts';
import type { Happening } from '../state/reduce.ts';
import type { Preferences } from './preferences.ts';

type Dispatch = (happening: Happening) => void;

const CAMERA: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30 },
};
const MICROPHONE: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** A device that was unplugged while it was used. */
interface Lost {
  readonly id: string;
  readonly label: string;
}

export class Capture {
  readonly #dispatch: Dispatch;
  readonly #preferences: Preferences;
  readonly #onTrack: (kind: DeviceKind, track: MediaStreamTrack | null) => void;
  readonly #tracks = new Map<DeviceKind, MediaStreamTrack>();
  readonly #states = new Map<DeviceKind, DeviceState>();
  /** For which another one stands in. */
  readonly #away = new Map<DeviceKind, Lost>();
  /** Counts what was asked for: an answer that comes after the person has changed their mind is let go. */
  readonly #turn = { microphone: 0, camera: 0 };

  constructor(
    dispatch: Dispatch,
    preferences: Preferences,
    onTrack: (kind: DeviceKind, track: MediaStreamTrack | null) => void,
  ) {
    this.#dispatch = dispatch;
    this.#preferences = preferences;
    this.#onTrack = onTrack;
    navigator.mediaDevices?.addEventListener('devicechange', () => void this.#devicesChanged());
    void this.#watchPermission('microphone');
    void this.#watchPermission('camera');
  }

  /** Asks for devices; for two at once with one question. */
  async start(kinds: readonly DeviceKind[]): Promise<void> {
    if (navigator.mediaDevices === undefined) {
      for (const kind of kinds) this.#become(kind, { is: 'insecure' });
      return;
    }
    const turns = kinds.map((kind) => this.#begin(kind));
    const both = await this.#ask(kinds);
    if (both instanceof MediaStream) {
      for (const [index, kind] of kinds.entries()) this.#take(kind, turns[index] ?? 0, both);
    } else if (kinds.length === 1 && kinds[0] !== undefined) {
      this.#refuse(kinds[0], turns[0] ?? 0, both);
    } else {
      // One that is missing or refused must not keep the other from working.
      for (const kind of kinds) await this.#startAlone(kind, both);
    }
    await this.refresh();
  }

  stop(kind: DeviceKind): void {
    this.#turn[kind] += 1;
    this.#away.delete(kind);
    this.#drop(kind);
    this.#become(kind, { is: 'off' });
  }

  /** Takes another device and remembers it. */
  async choose(kind: DeviceKind, id: string): Promise<void> {
    this.#preferences.set(kind, id);
    this.#away.delete(kind);
    if (this.#states.get(kind)?.is !== 'off') await this.start([kind]);
  }

  /** Lists what there is. Labels are empty until the person has allowed a device, in Firefox until one is in use. */
  async refresh(): Promise<readonly MediaDeviceInfo[]> {
    const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    const of = (kind: MediaDeviceKind): Device[] =>
      all
        .filter((each) => each.kind === kind && each.deviceId !== '')
        .map(({ deviceId: id, label }) => ({ id, label }));
    this.#dispatch({
      type: 'devices',
      microphones: of('audioinput'),
      cameras: of('videoinput'),
      speakers: of('audiooutput'),
    });
    return all;
  }

  #begin(kind: DeviceKind): number {
    this.#turn[kind] += 1;
    if (this.#tracks.get(kind) === undefined) this.#become(kind, { is: 'asking' });
    return this.#turn[kind];
  }

  async #startAlone(kind: DeviceKind, error: string): Promise<void> {
    const turn = this.#begin(kind);
    // Asked again, the browser would ask the person again, who has just said no.
    const refused = refusalOf(error) === 'denied' && (await permissionOf(kind))?.state !== 'granted';
    const answer = refused ? error : await this.#ask([kind]);
    if (answer instanceof MediaStream) this.#take(kind, turn, answer);
    else this.#refuse(kind, turn, answer);
  }

  /** @returns the name of the error where it was refused */
  async #ask(kinds: readonly DeviceKind[]): Promise<MediaStream | string> {
    const chosen = await this.#tryToGet(kinds, true);
    // The device that was chosen once was unplugged since: any other will do.
    const isGone = chosen === 'OverconstrainedError' || chosen === 'NotFoundError';
    return isGone ? this.#tryToGet(kinds, false) : chosen;
  }

  async #tryToGet(kinds: readonly DeviceKind[], asChosen: boolean): Promise<MediaStream | string> {
    const of = (kind: DeviceKind, constraints: MediaTrackConstraints) => {
      const id = asChosen ? (this.#away.get(kind)?.id ?? this.#preferences.get(kind)) : '';
      // `exact`: as a mere wish it counts no more than a wish for a size, and another camera may serve that better.
      return kinds.includes(kind) && { ...constraints, ...(id === '' ? {} : { deviceId: { exact: id } }) };
    };
    try {
      const constraints = { audio: of('microphone', MICROPHONE), video: of('camera', CAMERA) };
      return await navigator.mediaDevices.getUserMedia(constraints);
    } catch (error) {
      return error instanceof Error ? error.name : '';
    }
  }

  #take(kind: DeviceKind, turn: number, stream: MediaStream): void {
    const track = (kind === 'camera' ? stream.getVideoTracks() : stream.getAudioTracks())[0];
    if (track === undefined) return;
    if (this.#turn[kind] !== turn) {
      track.stop();
      return;
    }
    this.#drop(kind);
    this.#tracks.set(kind, track);
    const id = track.getSettings().deviceId ?? '';
    if (this.#away.get(kind)?.id === id) this.#away.delete(kind);
    track.addEventListener('ended', () => this.#lost(kind, track, id));
    for (const change of ['mute', 'unmute']) track.addEventListener(change, () => this.#tell(kind, track, id));
    this.#tell(kind, track, id);
    this.#onTrack(kind, track);
  }

  /** That it is on, or that the system gives nothing of it (Media Capture and Streams, section 4.3.1: muted). */
  #tell(kind: DeviceKind, track: MediaStreamTrack, id: string): void {
    if (this.#tracks.get(kind) !== track) return;
    const { label } = track;
    const insteadOf = this.#away.get(kind)?.label ?? null;
    this.#become(kind, track.muted ? { is: 'silenced', id, label } : { is: 'on', id, label, insteadOf });
  }

  #refuse(kind: DeviceKind, turn: number, error: string): void {
    if (this.#turn[kind] !== turn) return;
    this.#drop(kind);
    this.#become(kind, { is: refusalOf(error) });
  }

  #lost(kind: DeviceKind, track: MediaStreamTrack, id: string): void {
    if (this.#tracks.get(kind) !== track) return;
    const { label } = track;
    this.#drop(kind);
    this.#become(kind, { is: 'unplugged', id, label });
    if (kind === 'camera') void this.refresh();
    else void this.#standIn({ id, label });
  }

  /** Until the first that was lost is back: of several that go one after the other it is the one that was meant. */
  async #standIn(lost: Lost): Promise<void> {
    const away = this.#away.get('microphone') ?? lost;
    const others = idsOf('microphone', await this.refresh()).filter((id) => id !== lost.id);
    if (others.length === 0 || this.#states.get('microphone')?.is !== 'unplugged') return;
    this.#away.set('microphone', away);
    await this.start(['microphone']);
  }

  #drop(kind: DeviceKind): void {
    const track = this.#tracks.get(kind);
    if (track === undefined) return;
    this.#tracks.delete(kind);
    track.stop();
    this.#onTrack(kind, null);
  }

  #become(kind: DeviceKind, state: DeviceState): void {
    this.#states.set(kind, state);
    this.#dispatch({ type: 'device', kind, state });
  }

  async #devicesChanged(): Promise<void> {
    const all = await this.refresh();
    for (const kind of ['microphone', 'camera'] as const) {
      if (idsOf(kind, all).some((id) => this.#isAwaited(kind, id))) await this.start([kind]);
    }
  }

  #isAwaited(kind: DeviceKind, id: string): boolean {
    const state = this.#states.get(kind);
    if (state?.is === 'missing') return true;
    if (state?.is === 'unplugged') return id === state.id;
    return state?.is === 'on' && id === this.#away.get(kind)?.id;
  }

  /** A person who allows a device in the browser's own settings need not press a button here as well. */
  async #watchPermission(kind: DeviceKind): Promise<void> {
    const permission = await permissionOf(kind);
    permission?.addEventListener('change', () => {
      if (permission.state === 'granted' && this.#states.get(kind)?.is === 'denied') void this.start([kind]);
    });
  }
}

function idsOf(kind: DeviceKind, all: readonly MediaDeviceInfo[]): string[] {
  const native = kind === 'camera' ? 'videoinput' : 'audioinput';
  return all.filter((each) => each.kind === native).map(({ deviceId }) => deviceId);
}

/** Null where the browser does not tell. */
async function permissionOf(kind: DeviceKind): Promise<PermissionStatus | null> {
  try {
    return await navigator.permissions.query({ name: kind as PermissionName });
  } catch {
    return null;
  }
}
