/** Where everybody stands in a picture of a room, and in which colour. Pure. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Place extends Point {
  /** From the centre, in radians; 0 points right, and it grows clockwise. */
  readonly angle: number;
}

export interface Space {
  readonly width: number;
  readonly height: number;
}

/** Radius of a node, px, by how many there are. */
export function nodeRadius(count: number, { width, height }: Space): number {
  const most = Math.min(width, height) / 11;
  const onCircle = (1.1 * (width + height)) / Math.max(1, count) / 2.6;
  return Math.max(9, Math.min(34, most, onCircle));
}

/** Beside the circle for what is said of each, above and below for that, and for names alone; px. */
const SIDE = 150;
const ABOVE = 44;
const NAME_ONLY = 30;
/** Below this there is place for names alone, px. */
const NARROW = 520;
/** The same for more peers. */
const MANY = 12;

/** Whether there is place for more than the names. */
export function isWordy(count: number, { width }: Space): boolean {
  return width >= NARROW && count <= MANY;
}

/** Places round an ellipse in the order of the ids, the first at the top. */
export function placesOf(ids: readonly string[], space: Space): Map<string, Place> {
  const radius = nodeRadius(ids.length, space);
  const centre = { x: space.width / 2, y: space.height / 2 };
  const wordy = isWordy(ids.length, space);
  const across = Math.max(radius, centre.x - radius - (wordy ? SIDE : NAME_ONLY));
  const down = Math.max(radius, centre.y - radius - (wordy ? ABOVE : NAME_ONLY));
  // A room of two stands side by side.
  const turn = ids.length === 2 ? Math.PI : -Math.PI / 2;
  return new Map(
    ids.map((id, index) => {
      const angle = turn + (2 * Math.PI * index) / Math.max(1, ids.length);
      const alone = ids.length === 1 ? 0 : 1;
      return [
        id,
        { x: centre.x + alone * across * Math.cos(angle), y: centre.y + alone * down * Math.sin(angle), angle },
      ];
    }),
  );
}

/** Hues, in degrees, each as far as can be from those before it. */
const HUES = [255, 28, 150, 320, 200, 75, 285, 110, 0, 228, 178, 50];
const GOLDEN_ANGLE = 137.5;

/** Gives each person a hue and keeps it, whoever comes and goes. */
export class Colours {
  readonly #places = new Map<string, number>();

  /** In degrees, for oklch(). */
  hueOf(id: string): number {
    let place = this.#places.get(id);
    if (place === undefined) {
      place = this.#places.size;
      this.#places.set(id, place);
    }
    return HUES[place] ?? Math.round((place * GOLDEN_ANGLE) % 360);
  }
}
