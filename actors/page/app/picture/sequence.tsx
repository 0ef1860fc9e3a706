/** What was said, as a sequence diagram: a column for each peer, a row for each message, the newest at the end. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { MessageLine } from '../../../room-picture/contract.ts';
import { ArrowHead } from './arrow-head.tsx';
import { clockText } from './clock-text.ts';
import type { Colours } from './places.ts';
import { useSize } from './size.ts';
import type { Texts } from './text/texts.ts';

interface Props {
  readonly lines: readonly MessageLine[];
  readonly colours: Colours;
  readonly texts: Texts;
  /** Only what this peer says and hears; null: all. */
  readonly selected: string | null;
}

const ROW = 30;
const LEAST_COLUMN = 118;
const TIME = 96;
const HEAD = 34;
/** px of a letter. */
const LETTER = 6.4;
const MOST_SHOWN = 200;
const ALL = 'all';

export function Sequence({ lines, selected, ...rest }: Props) {
  const shown = useMemo(() => shownOf(lines, selected), [lines, selected]);
  if (shown.length === 0) return <p class="empty">{rest.texts.noMessages}</p>;
  return <Diagram {...rest} {...{ shown, selected }} />;
}

function Diagram({ shown, colours, texts, selected }: Omit<Props, 'lines'> & { readonly shown: Props['lines'] }) {
  const [follows, setFollows] = useState(true);
  const frame = useRef<HTMLDivElement>(null);
  const space = useSize(frame, { width: 0, height: 0 });
  const columns = useMemo(() => columnsOf(shown), [shown]);
  useEffect(() => {
    if (follows && frame.current !== null) frame.current.scrollTop = frame.current.scrollHeight;
  }, [shown, follows]);
  const column = Math.max(LEAST_COLUMN, (space.width - TIME) / columns.length);
  const width = TIME + columns.length * column;
  const height = shown.length * ROW + 14;
  const middleOf = (id: string) => TIME + (columns.indexOf(id) + 0.5) * column;
  return (
    <div class="sequence">
      <p class="controls">
        <label>
          <input type="checkbox" checked={follows} onChange={(event) => setFollows(event.currentTarget.checked)} />
          {texts.following}
        </label>
        {selected !== null && <span class="tag">{texts.messagesOf(selected)}</span>}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys. */}
      <div class="scroll" ref={frame} tabIndex={0} role="log" aria-live="off" aria-label={texts.messages}>
        <svg class="heads" width={width} height={HEAD} aria-hidden="true">
          {columns.map((id) => (
            <text key={id} x={middleOf(id)} y={HEAD / 2} dy="0.35em" style={{ '--hue': colours.hueOf(id) }}>
              {id === ALL ? texts.everyone : id}
            </text>
          ))}
        </svg>
        <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="presentation">
          <ArrowHead id="said" endsAt={9} size={7} hollow={0} />
          {columns.map((id) => (
            <line key={id} class="lifeline" x1={middleOf(id)} x2={middleOf(id)} y1={0} y2={height} />
          ))}
          {shown.map((line, row) => (
            <Row
              key={`${line.atMs} ${line.from} ${line.to} ${line.kind} ${line.text}`}
              {...{ line, width, texts }}
              y={row * ROW + ROW - 6}
              from={middleOf(line.from)}
              to={middleOf(line.to)}
              hue={colours.hueOf(line.from)}
            />
          ))}
        </svg>
      </div>
    </div>
  );
}

interface RowProps {
  readonly line: MessageLine;
  readonly y: number;
  readonly from: number;
  readonly to: number;
  readonly width: number;
  readonly hue: number;
  readonly texts: Texts;
}

function Row({ line, y, from, to, width, hue, texts }: RowProps) {
  const left = Math.min(from, to);
  const right = Math.max(from, to);
  const isAtRight = left > width / 2;
  const space = isAtRight ? right - TIME : width - left;
  const said = fitting(line.text, Math.floor(space / LETTER));
  return (
    <g class={`said ${line.kind.split('.')[0]}`} style={{ '--hue': hue }}>
      <title>{`${line.from} → ${line.to}: ${line.text}`}</title>
      <text class="time" x={0} y={y}>
        {clockText(line.atMs, texts.language, true)}
      </text>
      <line x1={from} x2={to} y1={y} y2={y} marker-end="url(#said)" />
      <text x={isAtRight ? right - 6 : left + 6} y={y - 6} text-anchor={isAtRight ? 'end' : 'start'}>
        {said}
      </text>
    </g>
  );
}

function shownOf(lines: readonly MessageLine[], selected: string | null): readonly MessageLine[] {
  const chosen =
    selected === null ? lines : lines.filter(({ from, to }) => from === selected || to === selected || to === ALL);
  return chosen.slice(-MOST_SHOWN);
}

/** Peers by their names; what goes to all goes to the last. */
function columnsOf(lines: readonly MessageLine[]): string[] {
  const ids = new Set(lines.flatMap(({ from, to }) => [from, to]));
  const peers = [...ids].filter((id) => id !== ALL).sort();
  return ids.has(ALL) ? [...peers, ALL] : peers;
}

function fitting(text: string, letters: number): string {
  return text.length <= letters ? text : `${text.slice(0, Math.max(1, letters - 1))}…`;
}
