/** Where in a recording one is, and how fast it goes on. Pure: the time is given, in ms on any steady clock. */

/** As fast as a page offers. */
const MAX_SPEED = 32;
const MIN_SPEED = 0.25;

export class Playback {
  readonly #fromMs: number;
  readonly #toMs: number;
  /** The place when this was set, which goes on from then. */
  #placeMs: number;
  #sinceMs = 0;
  #speed = 1;
  #playing = false;

  constructor({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) {
    this.#fromMs = fromMs;
    this.#toMs = toMs;
    this.#placeMs = fromMs;
  }

  get speed(): number {
    return this.#speed;
  }

  /** The moment of the recording that is to be seen now. */
  atMs(nowMs: number): number {
    if (!this.#playing) return this.#placeMs;
    return Math.min(this.#toMs, this.#placeMs + (nowMs - this.#sinceMs) * this.#speed);
  }

  /** At its end it stands still. */
  isPlaying(nowMs: number): boolean {
    return this.#playing && this.atMs(nowMs) < this.#toMs;
  }

  /** From its end it begins again. */
  play(nowMs: number): void {
    const atMs = this.atMs(nowMs);
    this.#set(nowMs, atMs >= this.#toMs ? this.#fromMs : atMs, true);
  }

  pause(nowMs: number): void {
    this.#set(nowMs, this.atMs(nowMs), false);
  }

  seek(nowMs: number, atMs: number): void {
    this.#set(nowMs, Math.min(this.#toMs, Math.max(this.#fromMs, atMs)), this.isPlaying(nowMs));
  }

  setSpeed(nowMs: number, speed: number): void {
    this.#set(nowMs, this.atMs(nowMs), this.isPlaying(nowMs));
    this.#speed = Math.min(MAX_SPEED, Math.max(MIN_SPEED, speed));
  }

  #set(nowMs: number, placeMs: number, playing: boolean): void {
    this.#placeMs = placeMs;
    this.#sinceMs = nowMs;
    this.#playing = playing;
  }
}
