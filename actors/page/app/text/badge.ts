/** What a tile's badge says: how it comes here and how well, in words. */
import type { Path } from '../state/tiles.ts';
import { percentText } from './number.ts';
import { listText, rateText, type Say } from './text.ts';

export interface Badge {
  /** `direct`, `via B`. */
  readonly way: string;
  /** `1.2 Mbit/s`; empty: nothing comes. */
  readonly rate: string;
  /** Loss and freezes; empty: all is well. */
  readonly trouble: string;
  /** That it listens in the clear, or may not; empty: it speaks as we do. */
  readonly plain: string;
}

/** Below this loss nothing is to be seen or heard: it is repaired. */
const WORTH_SAYING_PERCENT = 2;

/** @param names of members by id */
export function badgeOf(path: Path, names: ReadonlyMap<string, string>, language: string, say: Say): Badge {
  const trouble = [
    ...(path.lossPercent >= WORTH_SAYING_PERCENT
      ? [say('tile.loss', { percent: percentText(path.lossPercent, language) })]
      : []),
    ...(path.frozenSeconds > 0 ? [say('tile.frozen', { seconds: path.frozenSeconds })] : []),
  ];
  return {
    way: wayOf(path, names, say),
    rate: path.bps > 0 ? rateText(path.bps, language, say) : '',
    trouble: trouble.join(', '),
    plain: path.plain === 'none' ? '' : say(`tile.plain-${path.plain}`),
  };
}

function wayOf({ pair, via }: Path, names: ReadonlyMap<string, string>, say: Say): string {
  if (via.length > 0)
    return say('tile.via', {
      names: listText(
        via.map((id) => names.get(id) ?? id),
        say,
      ),
    });
  if (pair === 'via') return say('tile.looking');
  return say(`tile.${pair}`);
}
