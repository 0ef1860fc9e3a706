/** One person, or one screen. Each part draws itself anew only when what it shows has changed. */
import { useComputed } from '@preact/signals';
import type { Tile } from '../state/tiles.ts';
import { badgeOf } from '../text/badge.ts';
import { Avatar } from './avatar.tsx';
import { useCall, useSay } from './context.ts';
import { Icon } from './icons.tsx';
import { Picture } from './picture.tsx';
import { TileActions } from './tile-actions.tsx';
import { useSight } from './use-sight.ts';

export function RemoteTile({ id }: { readonly id: string }) {
  const { store, levels } = useCall();
  const say = useSay();
  const sight = useSight<HTMLDivElement>(id);
  const tile = useComputed(() => store.tiles.value.get(id)).value;
  const speaks = useComputed(() => tile?.kind === 'person' && levels.speaking.value.has(tile.peer)).value;
  if (tile === undefined) return null;
  const title = titleOf(tile, say);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a short way for the pointer; the button in the tile does the same
    <div
      ref={sight}
      class={`tile ${speaks ? 'is-speaking' : ''}`}
      onDblClick={() => store.dispatch({ type: 'pin', tile: id })}
    >
      <Avatar id={tile.peer} name={tile.name} />
      <RemotePicture tile={tile} />
      <PathBadge tile={tile} />
      <p class="tile-name">
        {tile.kind === 'person' && tile.silent && (
          <>
            <Icon name="microphone-off" />
            <span class="sr-only">{say('tile.muted')}</span>
          </>
        )}
        <span class="tile-name-text">{title}</span>
        {speaks && <span class="sr-only">{say('tile.speaks')}</span>}
      </p>
      <TileActions id={id} name={title} hasPicture={tile.picture !== null} />
    </div>
  );
}

function titleOf({ kind, name, picture }: Tile, say: ReturnType<typeof useSay>): string {
  if (kind === 'screen') return say('tile.screen', { name });
  return kind === 'extra' ? say('tile.extra', { name, stream: picture ?? '' }) : name;
}

function RemotePicture({ tile }: { readonly tile: Tile }) {
  const { store, reception, playout } = useCall();
  const say = useSay();
  const slot = useComputed(() => reception.slotOf(tile.id)).value;
  const paused = useComputed(() => store.state.value.saver || store.state.value.paused.includes(tile.id)).value;
  if (tile.picture === null) return null;
  if (!tile.playable) return <p class="tile-word">{say('tile.no-decoder')}</p>;
  if (paused) {
    return (
      <p class="tile-word">
        <Icon name="pause" />
        {say('tile.paused')}
      </p>
    );
  }
  if (slot === -1) return null;
  return <Picture stream={playout.picture(slot)} whole={tile.kind === 'screen'} />;
}

function PathBadge({ tile }: { readonly tile: Tile }) {
  const { store } = useCall();
  const { way, rate, trouble, seal } = badgeOf(tile.path, store.names.value, store.language.value, store.say.value);
  const isOpen = !tile.path.sealed || tile.path.heardBy.length > 0;
  return (
    <p
      class={`badge ${isOpen ? 'is-open' : ''} ${trouble === '' ? '' : 'is-trouble'} ${tile.path.pair === 'none' ? 'is-cut' : ''}`}
      title={tile.path.reason}
    >
      <span>{way}</span>
      <span class="badge-seal">{seal}</span>
      {rate !== '' && <span class="badge-rate">{rate}</span>}
      {trouble !== '' && <span>{trouble}</span>}
    </p>
  );
}
