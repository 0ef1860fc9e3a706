/** What happened in a room: a lane for each kind of event, and the same as a list of sentences. */
import { useMemo, useRef } from 'preact/hooks';
import type { RoomEvent } from '../../../room-picture/contract.ts';
import { clockText } from './clock-text.ts';
import { LANES, laneOf, marksOf, personOf, placeOf, type Span, ticksOf } from './lanes.ts';
import type { Colours } from './places.ts';
import { useSize } from './size.ts';
import type { Texts } from './text/texts.ts';

interface Props {
  readonly events: readonly RoomEvent[];
  readonly span: Span;
  /** The moment that is shown. */
  readonly atMs: number;
  readonly colours: Colours;
  readonly texts: Texts;
  /** Of a recording: go to this moment. */
  readonly onSeek?: (atMs: number) => void;
}

const LANE = 24;
const AXIS = 20;
const HEIGHT = LANES.length * LANE + AXIS;
const LABELS = 92;
const EDGE = 10;

export function TimeLine({ events, span, atMs, colours, texts, onSeek }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const { width: whole } = useSize(frame, { width: 900, height: HEIGHT });
  const width = Math.max(1, whole - LABELS - EDGE);
  const marks = useMemo(() => marksOf(events, span, width), [events, span, width]);
  const playhead = placeOf(Math.min(span.toMs, Math.max(span.fromMs, atMs)), span, width);
  return (
    <div class="time-line" ref={frame}>
      <svg width={whole} height={HEIGHT} viewBox={`0 0 ${whole} ${HEIGHT}`} aria-hidden="true">
        {LANES.map((lane, row) => (
          <g key={lane} class={`lane ${lane}`}>
            <text class="lane-name" x={0} y={row * LANE + LANE / 2} dy="0.35em">
              {texts.lanes[lane]}
            </text>
            <line x1={LABELS} x2={LABELS + width} y1={row * LANE + LANE / 2} y2={row * LANE + LANE / 2} />
          </g>
        ))}
        <g transform={`translate(${LABELS} 0)`}>
          {ticksOf(span, width).map((tick) => (
            <g key={tick} class="tick" transform={`translate(${placeOf(tick, span, width).toFixed(1)} 0)`}>
              <line y1={0} y2={LANES.length * LANE} />
              <text y={HEIGHT - 6} text-anchor="middle">
                {clockText(tick, texts.language)}
              </text>
            </g>
          ))}
          <line class="playhead" x1={playhead} x2={playhead} y1={0} y2={LANES.length * LANE} />
          {marks.map(({ x, lane, events: together }) => {
            const [first] = together;
            if (first === undefined) return null;
            const row = LANES.indexOf(lane);
            return (
              <circle
                key={`${lane} ${first.atMs} ${x.toFixed(0)}`}
                class={`mark ${lane} ${first.what}`}
                style={{ '--hue': colours.hueOf(personOf(first)) }}
                cx={x}
                cy={row * LANE + LANE / 2}
                r={Math.min(9, 4 + Math.log2(together.length))}
              >
                <title>{together.slice(0, MOST_TOLD).map(texts.event).join('\n')}</title>
              </circle>
            );
          })}
        </g>
      </svg>
      <EventList {...{ events, atMs, colours, texts }} {...(onSeek && { onSeek })} />
    </div>
  );
}

const MOST_TOLD = 12;
const MOST_LISTED = 150;

/** The newest first. */
function EventList({ events, atMs, colours, texts, onSeek }: Omit<Props, 'span'>) {
  if (events.length === 0) return <p class="empty">{texts.noEvents}</p>;
  const first = events.length;
  const listed = events.slice(-MOST_LISTED).reverse();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys.
    <ol class="events" tabIndex={0} aria-label={texts.timeline}>
      {listed.map((event, index) => {
        const text = texts.event(event);
        const style = { '--hue': colours.hueOf(personOf(event)) };
        const time = <time>{clockText(event.atMs, texts.language, true)}</time>;
        return (
          <li key={first - index} class={`${laneOf(event)}${event.atMs > atMs ? ' later' : ''}`} style={style}>
            <span class="dot" aria-hidden="true" />
            {onSeek === undefined ? (
              <>
                {time} {text}
              </>
            ) : (
              <button type="button" onClick={() => onSeek(event.atMs)}>
                {time} {text}
              </button>
            )}
          </li>
        );
      })}
    </ol>
  );
}
