/** One's own picture, as in a mirror and without sound. */
import { useComputed } from '@preact/signals';
import { OWN } from '../media/levels.ts';
import { OWN_TILE } from '../state/stage.ts';
import { twoDigits } from '../state/tiles.ts';
import { rateText } from '../text/text.ts';
import { Avatar } from './avatar.tsx';
import { useCall, useSay } from './context.ts';
import { Icon } from './icons.tsx';
import { Picture } from './picture.tsx';
import { TileActions } from './tile-actions.tsx';
import { useOwnStream } from './use-own-stream.ts';

export function OwnTile() {
  const { store, levels } = useCall();
  const say = useSay();
  const stream = useOwnStream();
  const self = useComputed(
    () => `${store.state.value.room?.self.id ?? ''}\n${store.state.value.room?.self.name ?? ''}`,
  ).value;
  const speaks = useComputed(() => levels.speaking.value.has(OWN)).value;
  const heard = store.heard.value;
  const [id = '', name = ''] = self.split('\n');
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a short way for the pointer; the button in the tile does the same
    <div
      class={`tile is-own ${speaks ? 'is-speaking' : ''}`}
      onDblClick={() => store.dispatch({ type: 'pin', tile: OWN_TILE })}
    >
      <Avatar id={id} name={name} />
      {stream !== null && <Picture stream={stream} mirrored />}
      <SendBadge />
      <p class="tile-name">
        {!heard && (
          <>
            <Icon name="microphone-off" />
            <span class="sr-only">{say('tile.muted')}</span>
          </>
        )}
        <span class="tile-name-text">{say('call.you')}</span>
      </p>
      <TileActions id={OWN_TILE} name={say('call.you')} hasPicture={false} />
    </div>
  );
}

/** What one sends, and to how many. */
function SendBadge() {
  const { store } = useCall();
  const text = useComputed(() => {
    const { own = [] } = store.state.value.room ?? {};
    const count = Math.max(0, ...own.map(({ receivers }) => receivers));
    const bps = twoDigits(own.reduce((sum, { sentBps }) => sum + sentBps, 0));
    if (count === 0 || bps === 0) return '';
    const say = store.say.value;
    const to = count === 1 ? say('tile.receivers.one') : say('tile.receivers', { count });
    return `${rateText(bps, store.language.value, say)} ${to}`;
  });
  return text.value === '' ? null : <p class="badge">{text}</p>;
}
