/** The tracks of one's own, as they are sent, whatever connection there is. */
import { signal } from '@preact/signals';
import type { OwnName } from '../link/messages.ts';

type Listener = (name: OwnName, track: MediaStreamTrack | null) => void;

export class OwnMedia {
  /** What the camera sees, for one's own picture. */
  readonly camera = signal<MediaStreamTrack | null>(null);
  readonly #tracks = new Map<OwnName, MediaStreamTrack>();
  #listener: Listener = () => undefined;

  /** @param listener is told of each change; the last one only */
  onChange(listener: Listener): void {
    this.#listener = listener;
  }

  get(name: OwnName): MediaStreamTrack | null {
    return this.#tracks.get(name) ?? null;
  }

  set(name: OwnName, track: MediaStreamTrack | null): void {
    if (this.get(name) === track) return;
    if (track === null) this.#tracks.delete(name);
    else this.#tracks.set(name, track);
    if (name === 'camera') this.camera.value = track;
    this.#listener(name, track);
  }

  /**
   * The microphone is sent as a copy: the track itself stays on, so that the page can tell somebody who speaks that
   * nobody hears it.
   */
  setMicrophone(track: MediaStreamTrack | null, heard: boolean): void {
    this.get('voice')?.stop();
    const copy = track?.clone() ?? null;
    if (copy !== null) copy.enabled = heard;
    this.set('voice', copy);
  }

  setHeard(heard: boolean): void {
    const voice = this.get('voice');
    if (voice !== null) voice.enabled = heard;
  }
}
