/** What a tile's badge says: how it comes here and how well, in words. */
import type { Path } from '../state/tiles.ts';
import { percentText } from './number.ts';
import { listText, rateText, type Say } from './text.ts';

export interface Badge {
  /** `direct`, `via B`. */
  readonly way: string;
  /** `1.2 Mbit/s`; empty: nothing comes. */
  readonly rate: string;
  /** Who has brought what is not its own, loss and freezes; empty: all is well. */
  readonly trouble: string;
  /** `encrypted`, or who hears it in the clear; of a plain endpoint: that it listens so, or may not. */
  readonly seal: string;
}

/** Below this loss nothing is to be seen or heard: it is repaired. */
const WORTH_SAYING_PERCENT = 2;

/** @param names of members by id */
export function badgeOf(path: Path, names: ReadonlyMap<string, string>, language: string, say: Say): Badge {
  const trouble = [
    ...(path.forgedBy.length > 0 ? [say('tile.forged', { names: namesText(path.forgedBy, names, say) })] : []),
    ...(path.lossPercent >= WORTH_SAYING_PERCENT
      ? [say('tile.loss', { percent: percentText(path.lossPercent, language) })]
      : []),
    ...(path.frozenSeconds > 0 ? [say('tile.frozen', { seconds: path.frozenSeconds })] : []),
  ];
  return {
    way: wayOf(path, names, say),
    rate: path.bps > 0 ? rateText(path.bps, language, say) : '',
    trouble: trouble.join(', '),
    seal: sealOf(path, names, say),
  };
}

function sealOf({ plain, sealed, heardBy }: Path, names: ReadonlyMap<string, string>, say: Say): string {
  if (plain !== 'none') return say(`tile.plain-${plain}`);
  if (!sealed) return say('tile.clear');
  return heardBy.length === 0 ? say('tile.sealed') : say('tile.heard', { names: namesText(heardBy, names, say) });
}

function namesText(ids: readonly string[], names: ReadonlyMap<string, string>, say: Say): string {
  return listText(
    ids.map((id) => names.get(id) ?? id),
    say,
  );
}

function wayOf({ pair, via }: Path, names: ReadonlyMap<string, string>, say: Say): string {
  if (via.length > 0) return say('tile.via', { names: namesText(via, names, say) });
  if (pair === 'via') return say('tile.looking');
  return say(`tile.${pair}`);
}
