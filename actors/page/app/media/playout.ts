/**
 * Plays what others send. Sound has elements of its own, outside of the tiles: a tile that is scrolled away, put into
 * another window or paused is still heard. Pictures have one stream a slot that outlives connections: a new connection
 * goes on in the same tile, which keeps its last frame until the next one comes.
 */
import { signal } from '@preact/signals';
import type { Slot } from './connection.ts';

export class Playout {
  /** The browser holds the sound back until the person does something (autoplay policy). */
  readonly blocked = signal(false);
  readonly #pictures: MediaStream[] = [];
  readonly #sounds: { readonly stream: MediaStream; readonly element: HTMLAudioElement }[] = [];
  #speaker = '';

  /** Takes the tracks of a new connection. */
  connect(slots: readonly Slot[]): void {
    for (const [index, { video, audio }] of slots.entries()) {
      swap(this.picture(index), video.track);
      swap(this.#sound(index).stream, audio.track);
    }
  }

  picture(slot: number): MediaStream {
    this.#pictures[slot] ??= new MediaStream();
    return this.#pictures[slot];
  }

  /** @param audible by slot: whether somebody's voice is on it */
  play(audible: readonly boolean[]): void {
    for (const [slot, on] of audible.entries()) {
      const { stream, element } = this.#sound(slot);
      if (on === (element.srcObject !== null)) continue;
      element.srcObject = on ? stream : null;
      if (on) void this.#start(element);
    }
  }

  /** To be called from a click or a key. */
  unblock(): void {
    this.blocked.value = false;
    for (const { element } of this.#sounds) if (element.srcObject !== null) void this.#start(element);
  }

  /** @param id of an output device; empty: the system's own */
  async setSpeaker(id: string): Promise<void> {
    this.#speaker = id;
    await Promise.all(this.#sounds.map(({ element }) => setSink(element, id)));
  }

  stop(): void {
    this.play(this.#sounds.map(() => false));
  }

  async #start(element: HTMLAudioElement): Promise<void> {
    try {
      await element.play();
    } catch (error) {
      // An element that was emptied meanwhile ends with AbortError, which is as it should be.
      if (error instanceof DOMException && error.name === 'NotAllowedError') this.blocked.value = true;
    }
  }

  #sound(slot: number) {
    const known = this.#sounds[slot];
    if (known !== undefined) return known;
    const made = { stream: new MediaStream(), element: new Audio() };
    this.#sounds[slot] = made;
    if (this.#speaker !== '') void setSink(made.element, this.#speaker);
    return made;
  }
}

function swap(stream: MediaStream, track: MediaStreamTrack): void {
  for (const old of stream.getTracks()) if (old !== track) stream.removeTrack(old);
  stream.addTrack(track);
}

async function setSink(element: HTMLAudioElement, id: string): Promise<void> {
  // Unplugged since, or not offered by this browser: the system's own speaker goes on.
  await element.setSinkId?.(id).catch(() => undefined);
}
