/** What is large and what is small: a grid of equals, or one tile on the stage and the others beside it. */
import type { Tile } from './tiles.ts';
import { mainTileOf } from './tiles.ts';

/** The id of the own tile. Ids of others have a slash. */
export const OWN_TILE = 'own';

export interface Stage {
  /** Id of the tile that is large; null: a grid of equals. */
  readonly large: string | null;
  readonly others: readonly string[];
}

/**
 * @param pinned the tile that the person has pinned
 * @param speaker the peer that was heard last: beside something large it comes first
 */
export function stageOf(tiles: readonly Tile[], pinned: string | null, speaker: string | null): Stage {
  const ids = [...tiles.map(({ id }) => id), OWN_TILE];
  const screen = tiles.find(({ kind, picture }) => kind === 'screen' && picture !== null)?.id;
  const large = ids.find((id) => id === pinned) ?? screen ?? null;
  if (large === null) return { large, others: ids };
  const first = speaker === null ? '' : mainTileOf(speaker);
  const rest = ids.filter((id) => id !== large);
  return { large, others: [...rest.filter((id) => id === first), ...rest.filter((id) => id !== first)] };
}

export interface Grid {
  readonly columns: number;
  readonly rows: number;
  /** CSS pixels. */
  readonly tileWidth: number;
  readonly tileHeight: number;
}

/** Between tiles, CSS pixels; the style sheet has the same. */
export const GAP = 10;
const ASPECT = 16 / 9;
/** Narrower, faces are too small to read; the grid scrolls instead. Two still fit beside each other on a phone. */
const MIN_WIDTH = 150;
/** On a narrow window tiles may be taller than 16:9, so that two people fill a phone. */
const MIN_ASPECT = 0.75;

/**
 * The grid with the largest tiles: each number of columns is tried.
 *
 * @param width of the room for the grid, CSS pixels
 */
export function gridOf(count: number, width: number, height: number): Grid {
  const fits = Array.from({ length: Math.max(1, count) }, (_, index) => gridWith(index + 1, count, width, height));
  const large = fits.filter(({ tileWidth }) => tileWidth >= MIN_WIDTH);
  const best = (large.length > 0 ? large : []).reduce<Grid | null>(
    (most, each) => (most === null || area(each) > area(most) ? each : most),
    null,
  );
  return best ?? scrolling(count, width);
}

const area = ({ tileWidth, tileHeight }: Grid) => tileWidth * tileHeight;

function gridWith(columns: number, count: number, width: number, height: number): Grid {
  const rows = Math.ceil(Math.max(1, count) / columns);
  const roomWide = (width - GAP * (columns - 1)) / columns;
  const roomHigh = (height - GAP * (rows - 1)) / rows;
  const aspect = Math.min(ASPECT, Math.max(MIN_ASPECT, roomWide / Math.max(1, roomHigh)));
  const tileWidth = Math.max(0, Math.min(roomWide, roomHigh * aspect));
  return { columns, rows, tileWidth: Math.floor(tileWidth), tileHeight: Math.floor(tileWidth / aspect) };
}

function scrolling(count: number, width: number): Grid {
  const columns = Math.max(1, Math.floor((width + GAP) / (MIN_WIDTH + GAP)));
  const tileWidth = Math.floor((width - GAP * (columns - 1)) / columns);
  return { columns, rows: Math.ceil(count / columns), tileWidth, tileHeight: Math.floor(tileWidth / ASPECT) };
}
