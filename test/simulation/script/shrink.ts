/**
 * From a failing script to a shorter one that still fails: delta debugging (Zeller and Hildebrandt 2002). What a member does
 * makes no sense without its join, so joins go last and take what follows from them along.
 */
import type { Fault, Script } from './script.ts';

export interface ShrinkOptions {
  readonly fails: (script: Script) => boolean;
  /** The most runs that may be spent. */
  readonly runs: number;
}

/** The shortest failing script found. `script` itself must fail. */
export function shrink(script: Script, { fails, runs }: ShrinkOptions): Script {
  let best = script;
  let left = runs;
  for (let parts = 2; left > 0; ) {
    const candidate = smaller(best, parts, () => left-- > 0, fails);
    if (candidate !== undefined) {
      best = candidate;
      parts = Math.max(2, parts - 1);
    } else if (parts >= best.faults.length) break;
    else parts = Math.min(best.faults.length, parts * 2);
  }
  return best;
}

/** The script without one of its `parts`, if it still fails. */
function smaller(
  script: Script,
  parts: number,
  mayRun: () => boolean,
  fails: (script: Script) => boolean,
): Script | undefined {
  const size = Math.ceil(script.faults.length / parts);
  // The last faults go first: the shorter the time to the failure, the easier it is to read.
  for (let start = script.faults.length - size; start > -size; start -= size) {
    const rest = withoutOrphans(script.faults.filter((_, index) => index < start || index >= start + size));
    if (rest.length === 0 || rest.length === script.faults.length) continue;
    if (!mayRun()) return undefined;
    const candidate = { ...script, faults: rest };
    if (fails(candidate)) return candidate;
  }
  return undefined;
}

function withoutOrphans(faults: readonly Fault[]): Fault[] {
  const members = new Set<string>();
  return faults.filter((fault) => {
    if (fault.do === 'join') members.add(fault.peer);
    if (fault.do === 'away') return fault.peers.some((peer) => members.has(peer));
    if (fault.do === 'link' || fault.do === 'tamper') return members.has(fault.from) && members.has(fault.to);
    if (fault.do === 'intercept') return fault.by === 'server' || members.has(fault.by);
    if (fault.do === 'impersonate' && !(members.has(fault.owner) && members.has(fault.to))) return false;
    return members.has(fault.peer);
  });
}
