/** The own uplink: what it carries, what of it is used and lent, why it is no more, and whether a person has said too much of it. */
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
  const { line, uploadBps, usedBps, lentBps } = self;
  const carried = line === null ? uploadBps : line.bps;
  return (
    <section class="stack">
      <h3>{say('line.title')}</h3>
      {carried !== null && <p>{say(line === null ? 'line.said' : 'line.carries', { rate: rate(carried) })}</p>}
      <p>{say('line.used', { used: rate(usedBps), lent: rate(lentBps) })}</p>
      {line !== null && <p>{say(`line.limit.${line.limit}`)}</p>}
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
