/** What a page is made to note before anything of it runs: when its person joined, and when each tile showed a frame. */
import type { Page } from 'playwright-core';

/** All times are in ms since the Unix epoch, with fractions: pages of one machine share that clock. */
export interface Watched {
  /** When Join was pressed last. */
  joinedMs: number;
  /** When the page began to be loaded. */
  readonly loadedMs: number;
  /** By tile: when each frame came up to be shown. One's own tile is none. */
  readonly frames: Record<string, number[]>;
  /** By tile: from a frame's time code until it is seen, in ms, where its picture holds one. */
  readonly delays: Record<string, number[]>;
}

declare global {
  interface Window {
    watched: Watched;
    /** The time that a picture says, in ms as the clock of {@link Watched}; undefined: it says none. */
    readTimeCode?: (video: HTMLVideoElement, nowMs: number) => number | undefined;
  }
}

/** To be given to `addInitScript`. What compiles these files marks functions with their names by a helper that pages lack. */
export const NAMES = 'globalThis.__name = (each) => each';

/** Runs in the page. */
export function watchFrames(): void {
  const watched: Watched = { joinedMs: 0, loadedMs: performance.timeOrigin, frames: {}, delays: {} };
  window.watched = watched;
  const followed = new WeakSet<HTMLVideoElement>();
  addEventListener(
    'submit',
    () => {
      watched.joinedMs = performance.timeOrigin + performance.now();
    },
    true,
  );
  const note = (video: HTMLVideoElement, seenMs: number) => {
    const tile = video.closest('[data-tile]')?.getAttribute('data-tile') ?? 'own';
    if (tile === 'own') return;
    watched.frames[tile] ??= [];
    watched.frames[tile].push(seenMs);
    const saidMs = window.readTimeCode?.(video, seenMs);
    if (saidMs === undefined) return;
    watched.delays[tile] ??= [];
    watched.delays[tile].push(seenMs - saidMs);
  };
  const follow = (video: HTMLVideoElement) => {
    if (followed.has(video)) return;
    followed.add(video);
    const take: VideoFrameRequestCallback = (_, { expectedDisplayTime }) => {
      video.requestVideoFrameCallback(take);
      note(video, performance.timeOrigin + expectedDisplayTime);
    };
    video.requestVideoFrameCallback(take);
  };
  new MutationObserver(() => {
    for (const video of document.querySelectorAll('video')) follow(video);
  }).observe(document, { childList: true, subtree: true });
}

/** Nothing was seen so far. */
export function forgetFrames(page: Page): Promise<void> {
  return page.evaluate(() => {
    for (const kept of [window.watched.frames, window.watched.delays]) {
      for (const tile of Object.keys(kept)) delete kept[tile];
    }
  });
}

/** Loads a page anew. @returns when that began */
export function beginReload(page: Page): Promise<number> {
  return page.evaluate(() => {
    const now = performance.timeOrigin + performance.now();
    location.reload();
    return now;
  });
}

/** Resolves when so many tiles have shown a frame. @throws {Error} after half a minute */
export async function seenTiles(page: Page, tiles: number): Promise<Watched> {
  await page.waitForFunction((wanted) => Object.keys(window.watched.frames).length >= wanted, tiles, { polling: 20 });
  return page.evaluate(() => window.watched);
}

/** When the last of the tiles showed its first frame. */
export function allSeenMs({ frames }: Watched): number {
  return Math.max(...Object.values(frames).map(([first]) => first ?? Number.NaN));
}
