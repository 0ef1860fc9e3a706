/** The page's state as a signal, and what is derived from it. */
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { type Happening, isHeard, reduce } from './state/reduce.ts';
import { type Stage, stageOf } from './state/stage.ts';
import { START, type State } from './state/state.ts';
import { sameTile, type Tile, tilesOf } from './state/tiles.ts';
import { languageOf, type Say, sayIn } from './text/text.ts';

export interface Store {
  readonly state: ReadonlySignal<State>;
  readonly dispatch: (happening: Happening) => void;
  /** Tiles of others by id. One that looks the same stays the same object. */
  readonly tiles: ReadonlySignal<ReadonlyMap<string, Tile>>;
  readonly stage: ReadonlySignal<Stage>;
  readonly names: ReadonlySignal<ReadonlyMap<string, string>>;
  readonly heard: ReadonlySignal<boolean>;
  /** What the person chose; empty: as the browser or the peer says. */
  readonly chosenLanguage: { value: string };
  readonly language: ReadonlySignal<string>;
  readonly say: ReadonlySignal<Say>;
}

export function createStore(chosenLanguage: string): Store {
  const state = signal(START);
  const chosen = signal(chosenLanguage);
  const tiles = keptWhile(sameTiles, () => {
    const list = tilesOf(state.value.room?.members ?? []);
    return new Map(list.map((tile) => [tile.id, tile]));
  });
  const language = computed(() => languageOf([chosen.value, ...navigator.languages, state.value.peerLanguage]));
  return {
    state,
    dispatch: (happening) => {
      state.value = reduce(state.peek(), happening);
    },
    tiles,
    stage: keptWhile(sameJson, () => stageOf([...tiles.value.values()], state.value.pinned, state.value.speaker)),
    names: keptWhile(sameNames, () => new Map(state.value.room?.members.map(({ id, name }) => [id, name]))),
    heard: computed(() => isHeard(state.value)),
    chosenLanguage: chosen,
    language,
    say: computed(() => sayIn(language.value)),
  };
}

/** Derived, and the same object as before as long as it is as good as the same: nothing is drawn anew for it. */
export function keptWhile<T>(same: (a: T, b: T) => boolean, derive: () => T): ReadonlySignal<T> {
  let kept: T | undefined;
  return computed(() => {
    const now = derive();
    if (kept === undefined || !same(kept, now)) kept = now;
    return kept;
  });
}

function sameTiles(a: ReadonlyMap<string, Tile>, b: ReadonlyMap<string, Tile>): boolean {
  if (a.size !== b.size) return false;
  const [before, now] = [[...a.values()], [...b.values()]];
  return before.every((tile, index) => tile.id === now[index]?.id && sameTile(tile, now[index]));
}

function sameNames(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([id, name]) => b.get(id) === name);
}

export function sameJson<T>(a: T, b: T): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
