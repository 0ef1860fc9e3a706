/**
 * All tiles. A list whose order never changes: whether a tile is large is a matter of style, so that no picture is taken
 * out of the page and put in again.
 */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { gridOf, OWN_TILE } from '../state/stage.ts';
import { keptWhile, sameJson } from '../store.ts';
import { useCall, useSay } from './context.ts';
import { OwnTile } from './own-tile.tsx';
import { RemoteTile } from './tile.tsx';

/** Beside something large others are a strip; a window narrower than this has them below. */
const STRIP_BESIDE = 720;

export function Stage() {
  const { store } = useCall();
  const say = useSay();
  const box = useRef<HTMLUListElement>(null);
  const size = useSignal({ width: 0, height: 0 });
  const ids = useMemo(() => keptWhile(sameJson, () => [...store.tiles.value.keys(), OWN_TILE]), [store]).value;
  const { large, others } = store.stage.value;
  useEffect(() => {
    if (box.current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      const { width = 0, height = 0 } = entry?.contentRect ?? {};
      size.value = { width, height };
    });
    observer.observe(box.current);
    return () => observer.disconnect();
  }, [size]);
  const { width, height } = size.value;
  const { tileWidth, tileHeight } = gridOf(ids.length, width, height);
  const look = large === null ? 'is-grid' : width >= STRIP_BESIDE ? 'is-beside' : 'is-below';
  return (
    <ul
      ref={box}
      class={`stage ${look}`}
      aria-label={say('call.people')}
      style={{ '--tile-width': `${tileWidth}px`, '--tile-height': `${tileHeight}px`, '--stage-height': `${height}px` }}
    >
      {ids.map((id) => (
        <li
          key={id}
          data-tile={id}
          class={id === large ? 'stage-item is-large' : 'stage-item'}
          style={{ order: id === large ? -1 : others.indexOf(id) }}
        >
          {id === OWN_TILE ? <OwnTile /> : <RemoteTile id={id} />}
        </li>
      ))}
      {ids.length === 1 && <Alone />}
    </ul>
  );
}

function Alone() {
  const { store } = useCall();
  const say = useSay();
  return (
    <li class="alone">
      <strong>{say('call.alone')}</strong>
      <span>{say('call.alone.text')}</span>
      <button
        type="button"
        class="button is-primary"
        onClick={() => store.dispatch({ type: 'panel', panel: 'invite' })}
      >
        {say('call.invite')}
      </button>
    </li>
  );
}
