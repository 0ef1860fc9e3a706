/** Plays, stops and scrubs a recording. */
import type { FromPage } from '../../../watch/page-messages.ts';
import { clockText } from '../picture/clock-text.ts';
import type { Store } from '../picture/store.ts';
import type { Texts } from '../picture/text/texts.ts';

const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 16, 32];

interface Props {
  readonly store: Store;
  readonly texts: Texts;
  readonly send: (message: FromPage) => void;
}

export function PlaybackBar({ store, texts, send }: Props) {
  const span = store.recorded.value;
  const playback = store.playback.value;
  if (span === null || playback === null) return null;
  const { atMs, playing, speed } = playback;
  const time = clockText(atMs, texts.language, true);
  return (
    <fieldset class="playback" aria-label={texts.recorded}>
      <button type="button" class="play" onClick={() => send({ type: playing ? 'pause' : 'play' })}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d={playing ? 'M3 2h4v12H3zM9 2h4v12H9z' : 'M4 2l10 6-10 6z'} />
        </svg>
        {playing ? texts.pause : texts.play}
      </button>
      <input
        type="range"
        aria-label={texts.moment}
        aria-valuetext={time}
        min={span.fromMs}
        max={span.toMs}
        step={100}
        value={atMs}
        onInput={(event) => send({ type: 'seek', atMs: Number(event.currentTarget.value) })}
      />
      <time>{time}</time>
      <label>
        {texts.speed}{' '}
        <select value={speed} onChange={(event) => send({ type: 'speed', speed: Number(event.currentTarget.value) })}>
          {SPEEDS.map((one) => (
            <option key={one} value={one}>
              {one} ×
            </option>
          ))}
        </select>
      </label>
    </fieldset>
  );
}
