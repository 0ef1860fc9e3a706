/** The figures of `npm run bench:allocation` as SVG: a white background and dark text, to be read in light and dark viewers. */
import { LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { median } from '../median.ts';
import { PRESETS_COMPARED, RUN_SECONDS, SETTLING_SIZES, type Settling } from './settling.ts';
import { ROOM_SIZES, SCHEMES, type Shares } from './shares.ts';

use([LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

const INK = '#222222';
const FAINT = '#dddddd';
/** Told apart by colour-blind eyes as well (Okabe and Ito), and by their symbols in print. */
const COLOURS = ['#999999', '#e69f00', '#56b4e9', '#d55e00'];
const SYMBOLS = ['rect', 'triangle', 'diamond', 'circle'];
const WIDTH = 800;
const HEIGHT = 420;
/** Where two charts stand side by side, in pixels. */
const HALVES = [
  { left: 70, width: 310 },
  { left: 470, width: 310 },
];

interface Line {
  readonly name: string;
  /** One for each size. */
  readonly values: readonly number[];
}

interface Plot {
  readonly sizes: readonly number[];
  readonly title: string;
  readonly unit: string;
  readonly most?: number;
  readonly lines: readonly Line[];
}

export function sharesPicture(shares: readonly Shares[]): string {
  const lines = SCHEMES.map((scheme): Line => {
    return { name: scheme, values: shares.filter((each) => each.scheme === scheme).map(({ mean }) => mean * 100) };
  });
  const unit = 'share of the bound, % (mean over rooms)';
  return draw('What every source gets of the rate that the upload of the room allows', [
    { sizes: ROOM_SIZES, title: '', unit, most: 100, lines },
  ]);
}

export function settlingPicture(settling: readonly Settling[]): string {
  const linesOf = (value: (each: Settling) => readonly number[]) =>
    PRESETS_COMPARED.map((preset): Line => {
      const own = settling.filter((each) => each.preset === preset);
      return { name: preset, values: own.map((each) => median(value(each))) };
    });
  return draw('Simulated rooms that everybody joins within three seconds (median of the runs)', [
    {
      sizes: SETTLING_SIZES,
      title: 'From the last event to the last change',
      unit: 'virtual ms',
      lines: linesOf(({ settleMs }) => settleMs),
    },
    {
      sizes: SETTLING_SIZES,
      title: `Messages a peer publishes in ${RUN_SECONDS} s`,
      unit: 'messages per peer',
      lines: linesOf(({ messagesPerPeer }) => messagesPerPeer),
    },
  ]);
}

/** One or two plots beside each other, with one legend. */
function draw(title: string, plots: readonly Plot[]): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  const places = plots.length === 1 ? [{ left: 70, width: 700 }] : HALVES;
  const text = { color: INK, fontFamily: 'sans-serif', fontSize: 13 };
  const axis = {
    nameLocation: 'middle' as const,
    nameTextStyle: text,
    axisLabel: text,
    axisLine: { show: true, lineStyle: { color: INK } },
  };
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: [
      { text: title, left: 'center', top: 8, textStyle: { ...text, fontSize: 16, fontWeight: 'bold' } },
      ...plots.map((plot, index) => {
        const { left = 0, width = 0 } = places[index] ?? {};
        return { text: plot.title, left: left + width / 2, top: 66, textAlign: 'center' as const, textStyle: text };
      }),
    ],
    legend: {
      top: 38,
      itemGap: 34,
      selectedMode: false,
      data: (plots[0]?.lines ?? []).map(({ name }) => name),
      textStyle: text,
    },
    grid: places.map((place) => ({ ...place, top: 95, bottom: 60 })),
    xAxis: plots.map(({ sizes }, gridIndex) => {
      return { ...axis, gridIndex, type: 'category', data: sizes.map(String), name: 'peers in the room', nameGap: 34 };
    }),
    yAxis: plots.map(({ unit, most }, gridIndex) => {
      const splitLine = { lineStyle: { color: FAINT } };
      return {
        ...axis,
        gridIndex,
        type: 'value',
        min: 0,
        name: unit,
        nameGap: 46,
        splitLine,
        ...(most && { max: most }),
      };
    }),
    series: plots.flatMap(({ lines }, plot) =>
      lines.map(({ name, values }, index) => ({
        ...{ type: 'line', name, data: [...values], xAxisIndex: plot, yAxisIndex: plot },
        ...{ symbol: SYMBOLS.at(index - lines.length), symbolSize: 9, color: COLOURS.at(index - lines.length) },
        lineStyle: { width: 2.5 },
        silent: true,
      })),
    ),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  // The title is read out to who cannot see. The style sheet is for what happens under a pointer: here nothing does.
  const still = svg.replace('>', `><title>${title}</title>`).replace(/<style.*<\/style>\n?/s, '');
  return `${still}\n`;
}
