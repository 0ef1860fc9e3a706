/** The figures of `npm run bench:relay` as SVG: a white background and dark text, to be read in light and dark viewers. */
import { BarChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Row } from './figures.ts';
import { LOADS, type Load } from './loads.ts';

use([BarChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

const INK = '#222222';
const FAINT = '#dddddd';
/** Told apart by colour-blind eyes as well (Okabe and Ito). */
const COLOURS: Record<Load, string> = { steady: '#999999', frames: '#56b4e9', saturation: '#d55e00' };
const WIDTH = 800;
const HEIGHT = 420;

/** Processor time for each packet that left, by forwarder and load. */
export function relayPicture(rows: readonly Row[]): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  const text = { color: INK, fontFamily: 'sans-serif', fontSize: 13 };
  const axis = { axisLabel: text, axisLine: { show: true, lineStyle: { color: INK } } };
  const splitLine = { lineStyle: { color: FAINT } };
  const variants = [...new Set(rows.map(({ variant }) => variant))];
  const title = 'Processor time of forwarders on loopback, one packet in and four out';
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: title, left: 'center', top: 8, textStyle: { ...text, fontSize: 16, fontWeight: 'bold' } },
    legend: { top: 38, itemGap: 34, selectedMode: false, data: [...LOADS], textStyle: text },
    grid: { left: 70, width: 700, top: 75, bottom: 40 },
    xAxis: { ...axis, type: 'category', data: variants },
    yAxis: {
      ...{ ...axis, type: 'value', min: 0, name: 'us for each packet sent', nameLocation: 'middle' },
      ...{ nameGap: 46, nameTextStyle: text, splitLine },
    },
    series: LOADS.map((load) => ({
      ...{ type: 'bar', name: load, color: COLOURS[load], silent: true },
      data: variants.map((of) => rows.find((row) => row.variant === of && row.load === load)?.cpuUsPerPacket ?? 0),
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  // The title is read out to who cannot see. The style sheet is for what happens under a pointer: here nothing does.
  const still = svg.replace('>', `><title>${title}</title>`).replace(/<style.*<\/style>\n?/s, '');
  return `${still}\n`;
}
