/** The room as a picture, once there is one; until then what the own upload does, in words. */
import { useComputed } from '@preact/signals';
import { twoDigits } from '../state/tiles.ts';
import { rateText } from '../text/text.ts';
import { useCall, useSay } from './context.ts';

export function RoomPanel() {
  const say = useSay();
  return (
    <div class="panel-text stack">
      <Upload />
      <p class="quiet">{say('room.empty')}</p>
    </div>
  );
}

function Upload() {
  const { store } = useCall();
  const say = useSay();
  const shares = useComputed(() => {
    const { uploadBps = 0, usedBps = 0, lentBps = 0 } = store.state.value.room?.self ?? {};
    return { all: twoDigits(uploadBps), used: twoDigits(usedBps), lent: twoDigits(lentBps) };
  });
  const { all, used, lent } = shares.value;
  const rate = (bps: number) => rateText(bps, store.language.value, say);
  if (all === 0) return null;
  return (
    <div class="stack">
      <h3>{say('room.upload')}</h3>
      <div class="upload-bar" aria-hidden="true">
        <i class="is-own" style={{ flexGrow: Math.max(0, used - lent) }} />
        <i class="is-lent" style={{ flexGrow: lent }} />
        <i style={{ flexGrow: Math.max(0, all - used) }} />
      </div>
      <p>{say('room.used', { used: rate(used), all: rate(all) })}</p>
      {lent > 0 && <p>{say('room.lent', { lent: rate(lent) })}</p>}
    </div>
  );
}
