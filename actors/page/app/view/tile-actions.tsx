/** What can be done with a tile: shown when the pointer or the focus is in it. */
import { useComputed } from '@preact/signals';
import { IconButton } from './buttons.tsx';
import { useCall, useSay } from './context.ts';

interface TileActionsProps {
  readonly id: string;
  readonly name: string;
  readonly hasPicture: boolean;
}

export function TileActions({ id, name, hasPicture }: TileActionsProps) {
  const { store } = useCall();
  const say = useSay();
  const pinned = useComputed(() => store.state.value.pinned === id).value;
  const paused = useComputed(() => store.state.value.paused.includes(id)).value;
  return (
    <div class="tile-actions">
      <IconButton
        icon="pin"
        class={pinned ? 'is-on' : ''}
        label={say(pinned ? 'tile.unpin' : 'tile.pin', { name })}
        onClick={() => store.dispatch({ type: 'pin', tile: id })}
      />
      {hasPicture && (
        <IconButton
          icon={paused ? 'play' : 'pause'}
          label={say(paused ? 'tile.play' : 'tile.pause', { name })}
          onClick={() => store.dispatch({ type: 'pause', tile: id })}
        />
      )}
      {document.fullscreenEnabled && (
        <IconButton
          icon="fullscreen"
          label={say('tile.fullscreen', { name })}
          onClick={(button) => toggleFullscreen(button.closest('.tile'))}
        />
      )}
    </div>
  );
}

function toggleFullscreen(tile: Element | null): void {
  const change = document.fullscreenElement === null ? tile?.requestFullscreen() : document.exitFullscreen();
  // Refused by the browser: the tile stays as it is.
  void change?.catch(() => undefined);
}
