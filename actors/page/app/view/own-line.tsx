/** The own line: what it carries out, what of that is used and lent, why it is no more, and whether too much was said of it; what it carries in. */
import { useState } from 'preact/hooks';
import { rateText } from '../text/text.ts';
import { IconButton } from './buttons.tsx';
import { useCall, useSay } from './context.ts';
import { Notice } from './notice.tsx';

/** For the settings: nothing before one is in a room. */
export function OwnLine() {
  const { store } = useCall();
  const say = useSay();
  const self = store.state.value.room?.self;
  if (self === undefined) return null;
  const rate = (bps: number) => rateText(bps, store.language.value, say);
  const { line, uploadBps, usedBps, lentBps, downlinkBps } = self;
  const carried = line === null ? uploadBps : line.bps;
  return (
    <section class="stack">
      <h3>{say('line.title')}</h3>
      {carried !== null && <p>{say(line === null ? 'line.said' : 'line.carries', { rate: rate(carried) })}</p>}
      <p>{say('line.used', { used: rate(usedBps), lent: rate(lentBps) })}</p>
      {line !== null && <p>{say(`line.limit.${line.limit}`)}</p>}
      {downlinkBps !== null && <p>{say('line.down', { rate: rate(downlinkBps) })}</p>}
    </section>
  );
}

/** What a person can mend: too much was said of the line. Once read it does not come back for the same figure. */
export function OverratedNotice() {
  const { store } = useCall();
  const say = useSay();
  const [readBps, setRead] = useState<number | null>(null);
  const line = store.state.value.room?.self.line;
  if (!line?.overratedBps || line.bps === null || line.overratedBps === readBps) return null;
  const rate = (bps: number) => rateText(bps, store.language.value, say);
  return (
    <Notice icon="warning" look="warning">
      <p>
        <strong>{say('line.overrated', { rate: rate(line.bps), said: rate(line.overratedBps) })}</strong>
        <span>{say('line.overrated.how')}</span>
      </p>
      <IconButton icon="close" label={say('call.close')} onClick={() => setRead(line.overratedBps)} />
    </Notice>
  );
}

/** Why pictures are small: a person may end what else fills the line. Said once in a call. */
export function DownlinkNotice() {
  const { store } = useCall();
  const say = useSay();
  const [isRead, setRead] = useState(false);
  const bps = store.state.value.room?.self.downlinkBps;
  if (!bps || isRead) return null;
  return (
    <Notice icon="warning" look="warning">
      <p>
        <strong>{say('line.down', { rate: rateText(bps, store.language.value, say) })}</strong>
        <span>{say('line.down.how')}</span>
      </p>
      <IconButton icon="close" label={say('call.close')} onClick={() => setRead(true)} />
    </Notice>
  );
}
