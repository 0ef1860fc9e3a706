/** The arrows of a picture. One that comes or goes is faded in or out; one that changes its width or its way moves. */
import { ArrowHead } from './arrow-head.tsx';
import { curveOf, type Flow, widthOf } from './flows.ts';
import { useLingering } from './lingering.ts';
import type { Colours, Place } from './places.ts';
import { rateText } from './rate-text.ts';
import type { Texts } from './text/texts.ts';

interface Props {
  readonly flows: readonly Flow[];
  readonly places: ReadonlyMap<string, Place>;
  readonly radius: number;
  /** Of peers. */
  readonly count: number;
  readonly colours: Colours;
  readonly texts: Texts;
  readonly selected: string | null;
}

/** Relayed streams lie over direct ones: they are what one looks for. */
const LAYERS = { direct: 0, 'to-relay': 1, relayed: 1 } as const;
/** A tip that does not grow with its arrow, px. */
const TIP = 8;
/** More arrows than these do not move when they change: it would take longer than a frame. */
const MOST_MOVING = 120;

export function Arrows({ flows, places, radius, count, colours, texts, selected }: Props) {
  const shown = useLingering(flows, ({ key }) => key);
  const beside = besides(flows);
  const sorted = shown.toSorted(({ item: a }, { item: b }) => LAYERS[a.kind] - LAYERS[b.kind]);
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus; the table says the same.
    <g class={flows.length > MOST_MOVING ? 'arrows' : 'arrows moving'} aria-hidden="true">
      <ArrowHead id="tip" endsAt={4} size={TIP} hollow={2.5} />
      {sorted.map(({ key, item: flow, gone }) => {
        const [from, to] = [places.get(flow.from), places.get(flow.to)];
        if (from === undefined || to === undefined) return null;
        const { index, of } = beside.get(key) ?? { index: 0, of: 1 };
        const d = curveOf({ from, to, radius, index, count: of });
        const width = widthOf(flow.bps, count);
        const isDim = selected !== null && selected !== flow.source;
        const hue = { '--hue': colours.hueOf(flow.source) };
        const rate = rateText(flow.bps, texts.language);
        return (
          <g key={key} class={`arrow ${flow.kind}${gone ? ' gone' : ''}${isDim ? ' dim' : ''}`} style={hue}>
            <path class="line" d={d} stroke-width={width} marker-end="url(#tip)">
              <title>{texts.flow(flow.source, flow.streams.join(', '), flow.from, flow.to, rate)}</title>
            </path>
            {selected === flow.source && <path class="pulse" d={d} stroke-width={Math.max(1.5, width * 0.5)} />}
          </g>
        );
      })}
    </g>
  );
}

/** Which of how many it is of those from the same peer to the same other one. */
function besides(flows: readonly Flow[]): Map<string, { readonly index: number; readonly of: number }> {
  const together = new Map<string, string[]>();
  for (const { key, from, to } of flows) {
    const way = `${from} ${to}`;
    const keys = together.get(way);
    if (keys === undefined) together.set(way, [key]);
    else keys.push(key);
  }
  return new Map(
    [...together.values()].flatMap((keys) => keys.map((key, index) => [key, { index, of: keys.length }] as const)),
  );
}
