/** What members show, what they look at, and how much they can receive, drawn as a preset says. */
import { MBIT } from '../../planning/rooms.ts';
import type { Random } from '../world/random.ts';
import type { Preset } from './presets.ts';
import type { Join, SimulatedStream } from './script.ts';

const single = { group: null, layer: 0 };
/** Opus as calls use it. */
const VOICE: SimulatedStream = { name: 'voice', media: 'audio', minBps: 32_000, maxBps: 32_000, ...single };
/** Video from 180p at its poorest to 1080p, bit/s. */
const CAMERA: SimulatedStream = { name: 'camera', media: 'video', minBps: 100_000, maxBps: 3_800_000, ...single };
/** The same in two sizes. */
const SIMULCAST: readonly SimulatedStream[] = [
  { name: 'camera-small', media: 'video', minBps: 100_000, maxBps: 300_000, group: 'camera', layer: 0 },
  { name: 'camera-large', media: 'video', minBps: 400_000, maxBps: 3_800_000, group: 'camera', layer: 1 },
];
/** Slides and text. */
const SCREEN: SimulatedStream = { name: 'screen', media: 'video', minBps: 150_000, maxBps: 2_500_000, ...single };
/** A plain endpoint sends everybody a copy of its own, at a rate that it does not change. */
const FIXED_CAMERA: SimulatedStream = { ...CAMERA, minBps: 300_000, maxBps: 300_000 };

/** So many faces fit a screen. */
const LOOKED_AT = 6;
/** Who looks at some by name looks at so many at most, and each at most at such a rate, bit/s. */
const MOST_CHOSEN = 4;
const CHOSEN_BPS = { least: 0.4 * MBIT, most: 2 * MBIT };
/** A downlink that is a limit, bit/s: enough for the least rates of a dozen. */
const DOWNLOAD_BPS = { least: 3 * MBIT, most: 20 * MBIT };

export type Wishes = Pick<Join, 'wants' | 'downloadBps'>;

export const EVERYTHING: Wishes = { wants: 'all', downloadBps: null };

/** Of a member that only watches: none. */
export function drawStreams(random: Random, { watches, company }: Preset, compatible: boolean): SimulatedStream[] {
  if (random.chance(watches)) return [];
  const voice = random.chance(company.voice) ? [VOICE] : [];
  if (!compatible) return [FIXED_CAMERA, ...voice];
  const camera = random.chance(company.simulcast) ? SIMULCAST : [CAMERA];
  return [...camera, ...voice, ...(random.chance(company.screen) ? [SCREEN] : [])];
}

/** Who has spoken last: at whom everybody looks, and those that each looks at by name are drawn from the room. */
export class Audience {
  readonly #company: Preset['company'];
  readonly #looksAtAll: boolean;
  readonly #speakers: string[];

  /** `peers`: those who are there at the start. */
  constructor(random: Random, { company }: Preset, peers: readonly string[]) {
    this.#company = company;
    this.#looksAtAll = peers.length <= company.allUpTo;
    const left = [...peers];
    // One more than are looked at: a speaker looks at the other six.
    this.#speakers = Array.from({ length: Math.min(LOOKED_AT + 1, peers.length) }, () => {
      const [speaker = ''] = left.splice(random.integer(0, left.length - 1), 1);
      return speaker;
    });
  }

  draw(random: Random, peer: string, present: readonly string[]): Wishes {
    const { chooses, downloadLimited } = this.#company;
    const downloadBps = random.chance(downloadLimited) ? random.integer(DOWNLOAD_BPS.least, DOWNLOAD_BPS.most) : null;
    if (random.chance(chooses)) return { wants: chosen(random, peer, present), downloadBps };
    return { wants: this.#looksAtAll ? 'all' : this.#lastSpeakers(peer), downloadBps };
  }

  /** Somebody speaks who has not, and looks at others than before. */
  drawChange(random: Random, peer: string, present: readonly string[]): Wishes {
    if (this.#looksAtAll) return { ...this.draw(random, peer, present), wants: chosen(random, peer, present) };
    const speaker = random.pick(present) ?? peer;
    if (!this.#speakers.includes(speaker)) this.#speakers[random.integer(0, this.#speakers.length - 1)] = speaker;
    return this.draw(random, peer, present);
  }

  #lastSpeakers(peer: string): Join['wants'] {
    return this.#speakers
      .filter((speaker) => speaker !== peer)
      .slice(0, LOOKED_AT)
      .map((source) => ({ source }));
  }
}

/** Half of the time nobody any more or everybody again, else a few by name, and of each a part, or all up to a rate. */
function chosen(random: Random, peer: string, present: readonly string[]): Join['wants'] {
  if (random.chance(0.5)) return random.chance(0.2) ? [] : 'all';
  const others = present.filter((other) => other !== peer);
  const sources = new Set(
    Array.from({ length: random.integer(1, MOST_CHOSEN) }, () => random.pick(others)).filter((id) => id !== undefined),
  );
  return [...sources].flatMap((source): Exclude<Join['wants'], 'all'> => {
    if (random.chance(0.5)) return [{ source }];
    const camera = { source, stream: 'camera' };
    const voice = { source, stream: 'voice' };
    if (random.chance(0.5)) return [camera, voice];
    return [{ ...camera, maxBps: random.integer(CHOSEN_BPS.least, CHOSEN_BPS.most) }, voice];
  });
}
